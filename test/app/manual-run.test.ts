/** Manual keys from the file to the wire, over a machine in memory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readManualFile } from '../../src-main/app/manual-file.ts'
import { runManual } from '../../src-main/app/manual-run.ts'
import type { ManualEvent } from '../../src-main/app/manual-run.ts'
import { createClock } from '../../src-main/host/clock.ts'
import { createPacketCrypto } from '../../src-main/host/crypto/packet-crypto.ts'
import { parseAddress } from '../../src-main/ip/address.ts'
import type { RawPackets } from '../../src-main/ports.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import { createFakeHostNetwork } from '../fakes/fake-host-network.ts'
import { createFakeNetwork } from '../fakes/fake-network.ts'
import { createFakeRawPackets } from '../fakes/fake-raw-packets.ts'
import { udpPacket } from '../fakes/packets.ts'

const folder = mkdtempSync(join(tmpdir(), 'culvert-manual-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const [a, b] = ['198.51.100.1', '198.51.100.2']
const key = (bytes: number) => `0x${'5a'.repeat(bytes)}`
const algorithms = `enc 'cbc(aes)' ${key(16)} auth-trunc 'hmac(sha1)' ${key(20)} 96`
const state = (from: string, to: string, spi: number, more = '') =>
  `ip xfrm state add src ${from} dst ${to} proto esp spi ${spi} reqid 7 mode transport ${algorithms} replay-window 64 ${more}`
const template = 'tmpl proto esp reqid 7 mode transport'
const policies = (own: string, other: string) => [
  `ip xfrm policy add src ${own} dst ${other} dir out ${template}`,
  `ip xfrm policy add src ${other} dst ${own} dir in ${template}`,
]
const states = [state(a, b, 0x1001), state(b, a, 0x1002)]
let files = 0
const fileOf = (lines: readonly string[], mode = 0o600): string => {
  const path = join(folder, `${(files += 1)}.xfrm`)
  writeFileSync(path, `${lines.join('\n')}\n`, { mode })
  return path
}
const addressesOf = (...texts: readonly string[]) => texts.flatMap((text) => parseAddress(text) ?? [])

const startMachine = async (own: string, lines: readonly string[], raw: RawPackets) => {
  const file = await readManualFile(fileOf(lines), false)
  const hostNetwork = createFakeHostNetwork()
  const stop = new AbortController()
  const events: ManualEvent[] = []
  let status: (() => ConnectionStatus) | undefined
  let started: () => void = () => undefined
  const isUp = new Promise<void>((resolve) => {
    started = resolve
  })
  const done = runManual({
    file,
    mtu: 1500,
    stop: stop.signal,
    onEvent: (event) => events.push(event),
    onStarted(show) {
      status = show
      started()
    },
    ports: {
      clock: createClock(),
      crypto: createPacketCrypto(),
      raw,
      datagrams: { open: (family, port) => createFakeNetwork().open(family, own, port) },
      hostNetwork,
      addresses: addressesOf(own, '127.0.0.1'),
      log: () => undefined,
    },
  })
  await Promise.race([isUp, done])
  return {
    file,
    hostNetwork,
    events,
    status: () => {
      if (status === undefined) throw new Error('it has not started')
      return status()
    },
    async stop() {
      stop.abort()
      await done
    },
  }
}

const failureOf = async (task: Promise<unknown>): Promise<VpnError> => {
  try {
    await task
  } catch (error) {
    if (error instanceof VpnError) return error
    throw error
  }
  throw new Error('it did not fail')
}

describe('a run with manual keys', () => {
  it('carries what its policies name from adapter to adapter, and puts everything back', async () => {
    const raw = createFakeRawPackets()
    const here = await startMachine(a, [...states, ...policies(a, b)], raw)
    const there = await startMachine(b, [...states, ...policies(b, a)], raw)
    expect(here.hostNetwork.configuration).toEqual({
      // ESP's header, IV, padding at its most, trailer and ICV.
      mtu: 1500 - (8 + 16 + 15 + 2 + 12),
      addresses: [],
      routes: [{ address: b, length: 32, source: a }],
      outsideMark: 0x43756c,
      outsidePeers: [b],
      inbound: [{ action: 'drop', remote: `${b}/32`, local: `${a}/32` }],
    })
    const packet = udpPacket({ from: a, to: b, length: 64 })
    here.hostNetwork.tun?.inject(packet)
    await new Promise((resolve) => setImmediate(resolve))
    expect(there.hostNetwork.tun?.written).toEqual([packet])
    expect(raw.sent).toHaveLength(1)
    const onWire = Buffer.from(raw.sent[0] ?? []).toString('hex')
    expect(onWire).not.toContain(Buffer.from(packet.subarray(28)).toString('hex'))

    const { manualSas, policies: shown, traffic, state: connection } = here.status()
    expect(connection).toEqual({ kind: 'connected' })
    expect(traffic.outbound).toEqual({ packets: 1, bytes: packet.length })
    expect(manualSas?.map(({ direction, spi, flow }) => [direction, spi, flow.packets])).toEqual([
      ['outbound', 0x1001, 1],
      ['inbound', 0x1002, 0],
    ])
    expect(manualSas?.[1]).toMatchObject({
      protocol: 'esp',
      mode: 'transport',
      source: b,
      destination: a,
      requestId: 7,
      algorithms: 'aes-cbc 128, hmac-sha1-96',
      replayWindow: { size: 64, seen: '' },
    })
    expect(shown?.map(({ direction, action, spi, reason }) => [direction, action, spi, reason])).toEqual([
      ['outbound', 'protect', 0x1001, 'ESP transport; line 3'],
      ['inbound', 'protect', 0x1002, 'ESP transport; line 4'],
    ])
    expect(JSON.stringify(here.status())).not.toContain('5a5a')

    await here.stop()
    await there.stop()
    expect(here.hostNetwork.configuration).toBeUndefined()
    expect(here.events.map(({ event }) => event)).toEqual(['started', 'stopped'])
    expect(here.file.configuration.sas.every(({ encryption }) => encryption?.key.wiped)).toBe(true)
  })

  it('needs the right to raw sockets before anything is changed', async () => {
    const refused: RawPackets = {
      open() {
        throw new VpnError('no-privilege', { step: 'send and receive ESP and AH without UDP' })
      },
    }
    const failure = await failureOf(startMachine(a, [...states, ...policies(a, b)], refused))
    expect(failure.code).toBe('no-privilege')
  })

  it('refuses states that lead from and to others', async () => {
    const failure = await failureOf(
      startMachine('203.0.113.9', [...states, ...policies(a, b)], createFakeRawPackets()),
    )
    expect(failure.code).toBe('profile-invalid')
    expect(failure.failure.details['where']).toBe('line 1')
    expect(failure.failure.details['problem']).toContain('is an address of this machine')
  })
})

describe('the file', () => {
  const valid = [...states, ...policies(a, b)]
  const problemOf = async (lines: readonly string[], allow = false) =>
    (await failureOf(readManualFile(fileOf(lines), allow))).failure.details['problem'] ?? ''

  it('is refused as a whole for one line that is not understood, and no key is shown', async () => {
    const problem = await problemOf([...valid, `ip xfrm state add src ${a} beet ${key(16)}`])
    expect(problem).toMatch(/^line 5/)
    expect(problem).not.toContain('5a5a')
  })
  it('needs states and policies', async () => {
    expect(await problemOf(states)).toContain('at least one state and one policy')
  })
  it('has no cipher that needs automatic keys, unless a test says so', async () => {
    const gcm = valid.map((line) => line.replace(algorithms, `aead 'rfc4106(gcm(aes))' ${key(20)} 128`))
    expect(await problemOf(gcm)).toMatch(/^line 1: aes-gcm-16 is not for keys by hand/)
    const allowed = await readManualFile(fileOf(gcm), true)
    expect(allowed.configuration.sas).toHaveLength(2)
  })
  it('is warned of: others can read it, packets can be changed or played again', async () => {
    const open = await readManualFile(fileOf(valid, 0o644), false)
    expect(open.warnings).toEqual([expect.stringContaining('chmod 600')])
    const bare = valid.map((line) => line.replace(/auth-trunc .* 96 /, ''))
    expect((await readManualFile(fileOf(bare), false)).warnings).toEqual([
      expect.stringContaining('line 1: this state encrypts without authenticating'),
      expect.stringContaining('line 2: this state encrypts without authenticating'),
    ])
    const windowless = valid.map((line) => line.replace('replay-window 64', ''))
    expect((await readManualFile(fileOf(windowless), false)).warnings).toHaveLength(2)
  })
})
