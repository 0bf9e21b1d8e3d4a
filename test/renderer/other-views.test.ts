import { afterEach, describe, expect, it } from 'vitest'
import { someLibrary } from '../../src-renderer/fake/samples-library.ts'
import { useImportDraft } from '../../src-renderer/stores/import-draft.ts'
import { openWindow } from './window.ts'

let window: Awaited<ReturnType<typeof openWindow>>
afterEach(() => {
  window.close()
})

const rows = () => window.all('[data-profile]').map((row) => row.dataset['profile'])

describe('the profile list', () => {
  it('finds by every word', async () => {
    window = await openWindow('disconnected', '/profiles')
    expect(rows()).toHaveLength(someLibrary.entries.length)
    await window.type('input[type="search"]', 'nordwind')
    expect(rows()).toHaveLength(1)
    await window.type('input[type="search"]', 'nowhere')
    expect(window.text()).toContain('No profile fits “nowhere”')
    await window.click(window.byText('button', 'Clear the search'))
    expect(rows()).toHaveLength(someLibrary.entries.length)
  })

  it('moves a profile by the keyboard and says where it went', async () => {
    window = await openWindow('disconnected', '/profiles')
    const folder = window.all('section ul').find((list) => list.querySelectorAll('[data-profile]').length > 1)
    const first = folder?.querySelector<HTMLElement>('[data-open]')
    if (folder === undefined || !first) throw new Error('no section has two profiles')
    const before = rows()
    await window.press(first, 'ArrowDown', { altKey: true })
    expect(window.callsOf('arrangeProfiles')).toHaveLength(1)
    expect(rows()).not.toEqual(before)
    expect(window.textOf(window.find('[role="status"].sr-only'))).toMatch(/moved, now 2 of 2 in/)
  })

  it('brings back what was deleted', async () => {
    window = await openWindow('disconnected', '/profiles')
    const id = rows()[rows().length - 1]
    await window.press(
      window.all('[data-profile] [aria-haspopup="menu"]').slice(-1)[0] ?? document.body,
      'Enter',
    )
    await window.click(window.find('[role="menuitem"]:has(svg.lucide-trash-2)'))
    expect(rows()).not.toContain(id)
    await window.click(window.byText('button', 'Undo'))
    expect(window.callsOf('restoreProfiles')).toEqual([{ profileIds: [id] }])
    expect(rows()).toContain(id)
  })

  it('opens the editor', async () => {
    window = await openWindow('disconnected', '/profiles')
    await window.click(window.find('[data-open]'))
    expect(window.path()).toMatch(/^\/profiles\/.*\/edit$/)
  })

  it('shows what cannot be read, and nothing where there is nothing', async () => {
    window = await openWindow('unreadable', '/profiles')
    expect(window.text()).toContain('2 profile files cannot be read')
    window.close()
    window = await openWindow('first-run', '/profiles')
    expect(window.text()).toContain('No profiles yet')
  })
})

describe('the import preview', () => {
  it('keeps only what is chosen', async () => {
    window = await openWindow('incoming', '/import')
    expect(window.text()).toContain('Triple DES and MODP-1024 are no longer safe and are left out')
    expect(window.text()).toContain('connections.legacy.proposals')
    expect(window.text()).toContain('Replaces one you have')
    await window.click(window.byText('label', 'Legacy gateway'))
    await window.click(window.byText('button', 'Keep one profile'))
    expect(window.callsOf('keepImport')).toEqual([
      { id: 7, profileIds: ['9d0a5b52-0000-4000-8000-0000000000a1'] },
    ])
    expect(window.path()).toBe('/profiles')
  })

  it('discards', async () => {
    window = await openWindow('incoming', '/import')
    await window.click(window.byText('button', 'Discard'))
    expect(window.callsOf('discardImport')).toEqual([{ id: 7 }])
    expect(window.callsOf('keepImport')).toEqual([])
  })

  it('says that no profile can be made', async () => {
    window = await openWindow('incoming-nothing', '/import')
    expect(window.text()).toContain('No profile can be made of this')
    expect(window.text()).not.toContain('Keep')
  })
})

describe('a file that names no user', () => {
  it('is read again with the name that the person gives', async () => {
    window = await openWindow('disconnected', '/import')
    const draft = useImportDraft()
    await draft.open([new File(['{}'], 'no-user.sswan')])
    await window.settle()
    expect(window.text()).not.toContain('--username')
    await window.type('main form input', 'maria')
    await window.click(window.byText('button', 'Read again'))
    expect(window.callsOf('previewImport')).toMatchObject([{ files: [{ name: 'no-user.sswan' }] }])
    expect(window.callsOf('previewAgain')).toEqual([{ id: 9, username: 'maria' }])
    expect(window.text()).toContain('Berlin office')
  })
})

describe('the status', () => {
  it('shows SPIs, suite, window and what was dropped in plain words', async () => {
    window = await openWindow('connected', '/status')
    const text = window.text()
    for (const part of ['c0ffee01', '1badb002', '5f1d9c3a77e0b412', 'AES-256-GCM', 'Replayed or too late'])
      expect(text).toContain(part)
    expect(window.find('svg[role="img"] rect.fill-transparent')).toBeDefined()
    expect(text).toContain('Security policies in force')
  })

  it('counts down between two reports', async () => {
    window = await openWindow('connected', '/status')
    const left = () => /New keys in (53 min \d+ s|54 min)/.exec(window.text())?.[1]
    const before = left()
    await window.settle(2000)
    expect(before).toBeDefined()
    expect(left()).not.toBe(before)
  })

  it('shows a reason of another version by its name', async () => {
    window = await openWindow('crowded', '/status')
    expect(window.text()).toContain('brand-new')
    expect(window.text()).toContain('New keys are due now')
  })

  it('shows what stands with keys by hand', async () => {
    window = await openWindow('manual', '/status')
    const text = window.text()
    for (const part of ['ESP out, 00001001', 'AH in, 00001002', 'rfc4106(gcm(aes)) 128', 'Request ID'])
      expect(text).toContain(part)
    expect(text).toContain('Its sequence numbers are used up.')
    expect(text).not.toContain('Not set up yet')
  })

  it('says why there is nothing to see', async () => {
    window = await openWindow('disconnected', '/status')
    expect(window.text()).toContain('No tunnel to look at')
    window.close()
    window = await openWindow('negotiating', '/status')
    expect(window.text()).toContain('Not set up yet')
  })
})

describe('the exchange', () => {
  const options = () => window.all('[role="option"][data-number]')

  it('is walked with the arrow keys', async () => {
    window = await openWindow('connected', '/exchange')
    expect(options()).toHaveLength(16)
    expect(options().filter((row) => row.tabIndex === 0)).toHaveLength(1)
    const [first] = options()
    if (first === undefined) throw new Error('no message')
    await window.press(first, 'ArrowDown')
    expect(document.activeElement).toBe(options()[1])
    expect(options()[1]?.getAttribute('aria-selected')).toBe('true')
    await window.press(options()[1] ?? first, 'End')
    expect(document.activeElement).toBe(options()[15])
  })

  it('opens a message with its payloads', async () => {
    window = await openWindow('connected', '/exchange')
    await window.click(options()[0] ?? document.body)
    expect(window.text()).toContain('Not chosen yet')
    expect(window.all('[role="treeitem"]').map(window.textOf).join(' ')).toContain('ENCR_AES_GCM_16 (256)')
  })

  it('is filtered by text and without liveness checks', async () => {
    window = await openWindow('connected', '/exchange')
    await window.click(window.byText('label', 'Hide liveness checks'))
    expect(options()).toHaveLength(12)
    await window.type('input[type="search"]', 'd00dfeed')
    expect(options().length).toBeGreaterThan(1)
    await window.type('input[type="search"]', 'nothing of this')
    expect(window.text()).toContain('No message fits this filter')
  })

  it('warns before session keys are written', async () => {
    window = await openWindow('connected', '/exchange')
    await window.click(window.byText('main button', 'Decrypt in Wireshark'))
    expect(window.text()).toContain(
      'Anyone who has this file and a recording of your traffic can read all of it.',
    )
    expect(window.callsOf('changeSettings')).toEqual([])
    await window.click(window.byText('[role="dialog"] button', 'Write session keys'))
    expect(window.callsOf('changeSettings')).toEqual([{ keyExport: true }])
    expect(window.text()).toContain('/run/user/1000/culvert/ikev2_decryption_table')
  })

  it('is forgotten when the person wants', async () => {
    window = await openWindow('connected', '/exchange')
    await window.click(window.byText('main button', 'Clear messages'))
    expect(window.callsOf('clearExchanges')).toHaveLength(1)
    expect(window.text()).toContain('No messages yet')
  })
})
