import { beforeEach, describe, expect, it } from 'vitest'
import type { LogLine } from '../../src-shared/contract.ts'
import { announce, announcement } from '../../src-renderer/announce.ts'
import { asked, confirm } from '../../src-renderer/confirm.ts'
import { filesFrom } from '../../src-renderer/files.ts'
import { formatBytes, formatDuration, formatRate, formatSpi } from '../../src-renderer/format.ts'
import { setLanguage } from '../../src-renderer/i18n.ts'
import { shortcutFor, shortcuts } from '../../src-renderer/shortcuts.ts'
import { linePath } from '../../src-renderer/ui/sparkline-path.ts'
import { sortRows } from '../../src-renderer/ui/table-sort.ts'
import { linesOf, shownLines } from '../../src-renderer/views/log/lines.ts'
import { matching } from '../../src-renderer/views/palette/matching.ts'

const plain = (text: string) => text.replaceAll('\u00A0', ' ')

describe('numbers', () => {
  beforeEach(() => {
    setLanguage('en')
  })

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [123_456_789, '123 MB'],
    [5e15, '5,000 TB'],
  ])('of %d bytes read %s', (bytes, text) => {
    expect(plain(formatBytes(bytes))).toBe(text)
  })

  it.each([
    [0, '0 s'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [7_980_000, '2 h 13 min'],
    [90_000_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('of %d ms read %s', (ms, text) => {
    expect(plain(formatDuration(ms))).toBe(text)
  })

  it('follow the language', () => {
    setLanguage('de')
    expect(plain(formatRate(1_500_000))).toBe('1,5 MB/s')
    expect(plain(formatDuration(7_980_000))).toBe('2 Std. 13 Min.')
  })

  it('of SPIs have eight digits', () => {
    expect(formatSpi(0xbadc0de)).toBe('0badc0de')
  })
})

describe('shortcuts', () => {
  const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
    shortcutFor({ key, ctrlKey: false, metaKey: false, altKey: false, target: document.body, ...more })

  it('are each one key once', () => {
    expect(new Set(shortcuts.map(({ keys }) => keys)).size).toBe(shortcuts.length)
  })

  it('know Control and a Mac’s command key', () => {
    expect(press('Enter', { ctrlKey: true })).toBe('toggle')
    expect(press('K', { metaKey: true })).toBe('palette')
    expect(press('Enter')).toBeUndefined()
    expect(press('k', { ctrlKey: true, altKey: true })).toBeUndefined()
  })

  it('leave a question mark alone that somebody types', () => {
    const input = document.createElement('input')
    expect(press('?')).toBe('help')
    expect(press('?', { target: input })).toBeUndefined()
    expect(press('k', { target: input, ctrlKey: true })).toBe('palette')
  })
})

describe('a table', () => {
  const rows = [
    { name: 'b', size: 10 },
    { name: 'a10', size: 9 },
    { name: 'a9', size: 10 },
  ]
  const columns = [
    { key: 'name', label: '', value: (row: { name: string }) => row.name },
    { key: 'size', label: '', value: (row: { size: number }) => row.size },
  ]
  const sorted = (key: string, descending: boolean) =>
    sortRows(rows, columns, { key, descending }).map(({ name }) => name)

  it('sorts words with the numbers in them, and numbers as numbers', () => {
    expect(sorted('name', false)).toEqual(['a9', 'a10', 'b'])
    expect(sorted('size', false)).toEqual(['a10', 'b', 'a9'])
    expect(sorted('size', true)).toEqual(['b', 'a9', 'a10'])
  })

  it('keeps the given order until somebody sorts', () => {
    expect(sortRows(rows, columns, undefined)).toBe(rows)
  })
})

describe('a sparkline', () => {
  const size = { width: 100, height: 43, length: 11, top: 40 }

  it('has the newest value at the right edge and the top value at the upper one', () => {
    expect(linePath([0, 40], size).line).toBe('M90.0 42.0L100.0 2.0')
  })

  it('shows no more than fits, and nothing of nothing', () => {
    expect(
      linePath(
        Array.from({ length: 50 }, () => 1),
        size,
      ).line.split('L'),
    ).toHaveLength(11)
    expect(linePath([], size).line).toBe('')
  })
})

describe('the log', () => {
  const line = (level: LogLine['level'], message: string): LogLine => ({ at: 0, level, area: 'ike', message })
  const lines = [
    line('debug', 'one'),
    line('info', 'two'),
    { ...line('error', 'three'), fields: { spi: 'c0ffee01' } },
  ]

  it('shows a level and what is worse', () => {
    expect(shownLines(lines, 'info', '')).toHaveLength(2)
    expect(shownLines(lines, 'warn', '')).toHaveLength(1)
    expect(shownLines(lines, 'debug', '')).toHaveLength(3)
  })

  it('is searched in words and fields', () => {
    expect(shownLines(lines, 'debug', ' C0FFEE ')).toHaveLength(1)
  })

  it('is copied as lines', () => {
    expect(linesOf(lines).split('\n')[2]).toBe('1970-01-01T00:00:00.000Z error ike three spi=c0ffee01')
  })
})

describe('the palette', () => {
  const actions = [{ label: 'Go to Log' }, { label: 'Log out Head office' }, { label: 'Connect Head office' }]
  it('finds by the parts of words, beginnings first', () => {
    expect(matching(actions, 'log')[0]?.label).toBe('Log out Head office')
    expect(matching(actions, 'off con')).toEqual([{ label: 'Connect Head office' }])
    expect(matching(actions, '')).toBe(actions)
    expect(matching(actions, 'xyz')).toEqual([])
  })
})

describe('what is said aloud', () => {
  it('changes even when the same is said twice', () => {
    announce('Connected')
    const first = announcement.value
    announce('Connected')
    expect(announcement.value).not.toBe(first)
    expect(announcement.value.trim()).toBe('Connected')
  })
})

describe('a question before something', () => {
  it('is answered once, and a newer one answers it with no', async () => {
    const first = confirm({ title: 'a', text: '', action: '' })
    const second = confirm({ title: 'b', text: '', action: '' })
    expect(await first).toBe(false)
    asked.value?.settle(true)
    expect(await second).toBe(true)
    expect(asked.value).toBeUndefined()
  })
})

describe('files', () => {
  it('become names and base64, what is too large for a profile is left out', async () => {
    const small = new File([new Uint8Array([0, 1, 254, 255])], 'office.p12')
    const large = new File([new Uint8Array(5 * 1024 * 1024)], 'film.mp4')
    expect(await filesFrom([small, large])).toEqual([{ name: 'office.p12', base64: 'AAH+/w==' }])
  })
})
