import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunManualHere } from '../../src-main/app/manual-run.ts'
import { runManualKeys } from '../../src-main/cli/manual.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { fakeWorld } from './fake-world.ts'
import type { FakeWorld } from './fake-world.ts'

const key = (bytes: number) => `0x${'5a'.repeat(bytes)}`
const lines = [
  `ip xfrm state add src 198.51.100.1 dst 198.51.100.2 proto esp spi 0x1001 mode transport enc 'cbc(aes)' ${key(16)} auth-trunc 'hmac(sha1)' ${key(20)} 96 replay-window 64`,
  'ip xfrm policy add src 198.51.100.1 dst 198.51.100.2 dir out tmpl proto esp mode transport',
]

describe('culvert manual', () => {
  let world: FakeWorld
  let folder: string
  let file: string
  beforeEach(() => {
    world = fakeWorld()
    folder = mkdtempSync(join(tmpdir(), 'culvert-manual-cli-'))
    file = join(folder, 'office.xfrm')
    writeFileSync(file, lines.join('\n'), { mode: 0o600 })
  })
  afterEach(() => {
    world.dispose()
    rmSync(folder, { recursive: true, force: true })
  })
  /** Starts, and stops when it is told to. */
  const runs: RunManualHere = async ({ stop, onEvent, mtu }) => {
    onEvent({ event: 'started', interfaceName: 'culvert0', mtu: mtu - 57, sas: 2 })
    onEvent({ event: 'hard-expired', spi: 0x1001, protocol: 'esp', cause: 'packets' })
    if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve))
    onEvent({ event: 'stopped' })
  }

  it('says what it does, until Ctrl-C', async () => {
    const done = runManualKeys(world.cli, file, {}, runs)
    await new Promise((resolve) => setTimeout(resolve, 20))
    world.interrupt('SIGINT')
    expect(await done).toBe(0)
    expect(world.read()).toEqual({
      out: [
        'office.xfrm is in force: 2 SAs over culvert0, MTU 1443. Ctrl-C ends it.',
        'ESP 00001001 has used up its packets and passes nothing any more.',
        'Everything is put back.',
        '',
      ].join('\n'),
      err: '',
    })
  })
  it('tells programs in JSON, trouble too', async () => {
    const refused: RunManualHere = () =>
      Promise.reject(new VpnError('no-privilege', { step: 'send and receive ESP and AH without UDP' }))
    await expect(runManualKeys(world.cli, file, { json: true }, refused)).rejects.toMatchObject({
      code: 'no-privilege',
    })
    expect(JSON.parse(world.read().out)).toMatchObject({
      state: 'failed',
      failure: { code: 'no-privilege', exitCode: 10 },
    })
  })
  it('ends with the codes that the table names', async () => {
    expect(await world.culvert('manual', join(folder, 'none'))).toBe(3)
    writeFileSync(file, 'ip xfrm state add nonsense')
    expect(await world.culvert('manual', file)).toBe(3)
    expect(world.read().err).toContain('line 1')
    expect(await world.culvert('manual', file, '--mtu', 'big')).toBe(2)
  })
  it('warns when others can read the keys', async () => {
    const open = join(folder, 'open.xfrm')
    writeFileSync(open, lines.join('\n'), { mode: 0o644 })
    await runManualKeys(world.cli, open, {}, () => Promise.resolve())
    const { out, err } = world.read()
    expect(err).toContain('chmod 600')
    expect(out + err).not.toContain('5a5a')
  })
})
