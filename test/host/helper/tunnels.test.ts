/** The journal and /etc/resolv.conf, on files in a temporary folder. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claimJournal, takeAbandoned } from '../../../src-main/host/helper/journal.ts'
import type { Step } from '../../../src-main/host/helper/step.ts'
import { clearAbandoned, resolvConfOf } from '../../../src-main/host/helper/tunnels.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'culvert-test-'))
  path = join(folder, 'resolv.conf')
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

const original = 'search home\nnameserver 192.0.2.53\noptions edns0\n'
const step = (tunnel: number, server = `10.${tunnel}.0.53`): Extract<Step, { step: 'resolv-conf' }> => ({
  step: 'resolv-conf',
  tunnel,
  servers: [server],
  domains: ['corp.example'],
})
const reports: string[] = []
const claimed = (tunnel: number, steps: readonly Step[] = []) => {
  const journal = claimJournal(folder, tunnel, steps)
  if (journal === undefined) throw new Error('taken')
  return { journal, resolvConf: resolvConfOf(journal, path, (_level, message) => reports.push(message)) }
}
const look = () => {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  return stat.isSymbolicLink()
    ? { link: fs.readlinkSync(path) }
    : { text: fs.readFileSync(path, 'utf8'), mode: stat.mode, inode: stat.ino }
}

describe('resolv.conf', () => {
  it.each([
    ['a file', () => fs.writeFileSync(path, original, { mode: 0o664 })],
    ['a file without a line', () => fs.writeFileSync(path, '')],
    ['a file that is no text', () => fs.writeFileSync(path, Uint8Array.of(0xff, 0, 0xfe))],
    ['a link', () => fs.symlinkSync('../run/NetworkManager/resolv.conf', path)],
    [
      'a link to a file',
      () => {
        fs.writeFileSync(join(folder, 'target'), original)
        fs.symlinkSync('target', path)
      },
    ],
    ['nothing', () => undefined],
  ])('comes back exactly: %s', (_name, make) => {
    make()
    const before = look()
    const { resolvConf, journal } = claimed(0)
    resolvConf.apply(step(0))
    expect(fs.readFileSync(path, 'utf8')).toContain('nameserver 10.0.0.53\nsearch corp.example\n')
    resolvConf.apply(step(0, '10.0.0.99'))
    expect(fs.readFileSync(path, 'utf8')).toContain('nameserver 10.0.0.99\n')
    resolvConf.undo()
    expect(look()).toEqual(before)
    journal.remove()
    expect(fs.readdirSync(folder).filter((name) => !/^(resolv.conf|target)$/.test(name))).toEqual([])
    if (fs.existsSync(join(folder, 'target')))
      expect(fs.readFileSync(join(folder, 'target'), 'utf8')).toBe(original)
  })

  it('can be read by everyone while it is ours', () => {
    const { resolvConf } = claimed(0)
    resolvConf.apply(step(0))
    expect(fs.statSync(path).mode & 0o777).toBe(0o644)
  })

  it('keeps the options and asks no more servers than are read', () => {
    fs.writeFileSync(path, original)
    const { resolvConf } = claimed(0)
    resolvConf.apply({ ...step(0), servers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'], domains: [] })
    const text = fs.readFileSync(path, 'utf8')
    expect(text.split('\n').slice(1)).toEqual([
      ...['nameserver 10.0.0.1', 'nameserver 10.0.0.2', 'nameserver 10.0.0.3', 'options edns0', ''],
    ])
  })

  it.each([
    ['last first', [2, 1, 0]],
    ['first first', [0, 1, 2]],
    ['the middle one first', [1, 0, 2]],
    ['the middle one last', [0, 2, 1]],
  ])('comes back after three tunnels, closed %s', (_name, order) => {
    fs.writeFileSync(path, original)
    const before = look()
    const tunnels = [0, 1, 2].map((tunnel) => claimed(tunnel))
    for (const [tunnel, { resolvConf }] of tunnels.entries()) resolvConf.apply(step(tunnel))
    for (const tunnel of order) tunnels[tunnel]?.resolvConf.undo()
    expect(look()).toEqual(before)
  })

  it('stays when someone else wrote it', () => {
    fs.writeFileSync(path, original)
    const { resolvConf } = claimed(0)
    resolvConf.apply(step(0))
    fs.writeFileSync(path, 'nameserver 203.0.113.1\n')
    resolvConf.undo()
    expect(fs.readFileSync(path, 'utf8')).toBe('nameserver 203.0.113.1\n')
    expect(reports).toContain('someone else changed resolv.conf; it stays as it is')
  })
})

describe('the journal', () => {
  const journalFile = () =>
    join(folder, fs.readdirSync(folder).find((name) => name.endsWith('-0.json')) ?? '')
  const rewrite = (change: object) => {
    const entry = JSON.parse(fs.readFileSync(journalFile(), 'utf8')) as object
    fs.writeFileSync(journalFile(), JSON.stringify({ ...entry, ...change }))
  }

  it('is for its owner only, and claims the number', () => {
    claimed(0)
    expect(fs.statSync(journalFile()).mode & 0o777).toBe(0o600)
    expect(claimJournal(folder, 0, [])).toBeUndefined()
    expect(claimJournal(folder, 1, [])).toBeDefined()
  })

  it('of a living helper is left alone', () => {
    claimed(0, [step(0)])
    expect(takeAbandoned(folder)).toEqual([])
  })

  it('of another process namespace is left alone', () => {
    claimed(0, [step(0)])
    rewrite({ started: 'then', pidNamespace: '1' })
    expect(takeAbandoned(folder)).toEqual([])
  })

  it.each([{ started: 'then' }, { pid: 0x3fff_ffff }])('of a dead helper is taken once: %j', (change) => {
    claimed(0, [step(0)])
    rewrite(change)
    expect(takeAbandoned(folder).map(({ steps }) => steps)).toEqual([[step(0)]])
    expect(takeAbandoned(folder)).toEqual([])
    // The number is free again meanwhile.
    expect(claimJournal(folder, 0, [])).toBeDefined()
  })

  it('of another network namespace is left alone', () => {
    claimed(0, [step(0)])
    rewrite({ started: 'then' })
    fs.renameSync(journalFile(), join(folder, '1-0.json'))
    expect(takeAbandoned(folder)).toEqual([])
  })

  it.each(['', '{', '[]', '{"version":1}'])('that holds %j is removed', (text) => {
    claimed(0)
    fs.writeFileSync(journalFile(), text)
    expect(takeAbandoned(folder)).toEqual([])
    expect(fs.readdirSync(folder)).toEqual([])
  })

  it('with a step that is none is removed, and nothing is run', () => {
    claimed(0)
    rewrite({ started: 'then', steps: [{ step: 'run', argv: ['touch', join(folder, 'hacked')] }] })
    expect(takeAbandoned(folder)).toEqual([])
    expect(fs.readdirSync(folder)).toEqual([])
  })

  it('of a dead helper brings resolv.conf back', async () => {
    fs.writeFileSync(path, original)
    const { resolvConf } = claimed(0, [step(0)])
    resolvConf.apply(step(0))
    rewrite({ started: 'then' })
    await clearAbandoned({
      journalFolder: folder,
      uid: 0,
      readMachine: () => Promise.reject(new Error('not asked')),
      report: () => undefined,
      resolvConfPath: path,
    })
    expect(fs.readFileSync(path, 'utf8')).toBe(original)
    expect(fs.readdirSync(folder)).toEqual(['resolv.conf'])
  })
})
