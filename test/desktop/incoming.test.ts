import { describe, expect, it } from 'vitest'
import { autostartEntry } from '../../src-main/desktop/autostart.ts'
import { fitted } from '../../src-main/desktop/bounds.ts'
import { isOwnPage } from '../../src-main/desktop/channels.ts'
import { fileInLink, incomingOf } from '../../src-main/desktop/incoming.ts'
import { fileOf } from '../../src-main/desktop/page-files.ts'

const link = (name: string, text: string) =>
  `culvert://import?name=${encodeURIComponent(name)}&data=${Buffer.from(text).toString('base64url')}`

describe('what the app is started with', () => {
  it('takes files, also as addresses, and leaves options alone', () => {
    expect(
      incomingOf(['--at-login', 'a.sswan', 'file:///tmp/b%20c.sswan', '/d'], '/home/maria').paths,
    ).toEqual(['/home/maria/a.sswan', '/tmp/b c.sswan', '/d'])
  })

  it('finds the file within a link', () => {
    const file = fileInLink(link('office.sswan', '{}'))
    expect(file?.name).toBe('office.sswan')
    expect(new TextDecoder().decode(file?.bytes)).toBe('{}')
  })

  it.each([
    'culvert://connect?profile=1',
    'culvert://import',
    'culvert://import?data=%00',
    `culvert://import?data=${'A'.repeat(100_000)}`,
    'culvert:',
  ])('refuses link %#', (given) => {
    const { files, refused } = incomingOf([given], '/')
    expect(files).toEqual([])
    expect(refused).toHaveLength(1)
  })

  it('gives no path in a file name of a link', () => {
    expect(fileInLink(link('../../etc/passwd', '{}'))?.name).toBe('passwd')
  })
})

describe("the window's page", () => {
  it.each([
    ['app://culvert/index.html', '/app/renderer/index.html'],
    ['app://culvert/assets/a.js?x#y', '/app/renderer/assets/a.js'],
    ['app://culvert/..%2fmain.cjs', undefined],
    ['app://culvert/%00', undefined],
    ['app://culvert/%E0%A4%A', undefined],
    ['app://other/index.html', undefined],
  ])('has %s at %s', (address, file) => {
    expect(fileOf(address, '/app/renderer')).toBe(file)
  })

  it.each(['https://culvert/', 'app://culvert.example/', 'app:culvert', 'nonsense', ''])(
    'is not %s',
    (address) => {
      expect(isOwnPage(address)).toBe(false)
    },
  )
})

describe('the place of the window', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1040 }
  it('is as it was', () => {
    const kept = { x: 100, y: 50, width: 500, height: 700 }
    expect(fitted(kept, [screen])).toEqual(kept)
  })
  it.each([
    ['a screen that is gone', { x: 3000, y: 50, width: 500, height: 700 }],
    ['above the screen', { x: 0, y: -500, width: 500, height: 700 }],
    ['damaged', { x: 'left' }],
    ['nothing', undefined],
  ])('is the usual one: %s', (_why, kept) => {
    expect(fitted(kept, [screen])).toEqual({ width: 420, height: 680 })
  })
  it('is never too small, nor larger than the screen', () => {
    expect(fitted({ x: 0, y: 0, width: 10, height: 9000 }, [screen])).toEqual({
      x: 0,
      y: 0,
      width: 360,
      height: 1040,
    })
  })
})

describe('starting with the session', () => {
  it('quotes what a desktop file must have quoted', () => {
    expect(autostartEntry(['/opt/a "b"/c', '100%', '$HOME'])).toContain(
      String.raw`Exec="/opt/a \\"b\\"/c" "100%%" "\\$HOME"`,
    )
  })
})
