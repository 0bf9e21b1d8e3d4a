/**
 * How long a connection takes, ours against strongSwan's client, at one strongSwan gateway, one after the other in turn.
 *
 * The same clock judges both: tcpdump on the router. A program in the client's namespace sends a datagram to the office
 * every millisecond; before the tunnel stands it goes nowhere, and the first one that passes as ESP proves that the
 * Child SA is installed and used. Measured from the client's first IKE datagram:
 *   - to the last IKE datagram that arrives before ESP flows: the exchange itself, both clients' computing included;
 *   - to the first ESP packet: Child SA installed, address and routes set, the tunnel carries.
 * Every connection of ours is made by a new process (`culvert up`), as a person does it at the terminal; strongSwan's
 * daemon runs on, which favours it.
 */
import { addresses } from '../interop/lab/network.ts'
import { createCulvert } from '../interop/lab/culvert.ts'
import { openLab } from '../interop/lab/lab.ts'
import type { Scenario } from '../interop/lab/scenario.ts'
import { createStrongswanClient } from '../interop/lab/strongswan-client.ts'
import type { VpnClient } from '../interop/lab/vpn-client.ts'
import { median, quantile, report } from './row.ts'
import { watchWire } from './wire-watch.ts'
import type { Passage, WireWatch } from './wire-watch.ts'
import { delay } from '../interop/lab/processes.ts'

const rounds = Number(process.argv[2] ?? 15)
const scenario: Scenario = { name: 'bench', gateway: { pools: ['ipv4'] }, outcome: { kind: 'connected' } }

interface Times {
  readonly exchangeMs: number
  readonly carriesMs: number
}

const timesOf = (passages: readonly Passage[]): Times => {
  const first = passages.find((one) => one.kind === 'ike' && one.fromClient)
  const esp = passages.find((one) => one.kind === 'esp' && one.fromClient)
  if (first === undefined || esp === undefined) throw new Error('no IKE or no ESP passed')
  const answered = passages.findLast((one) => one.kind === 'ike' && !one.fromClient && one.atMs <= esp.atMs)
  if (answered === undefined) throw new Error('the gateway did not answer')
  return { exchangeMs: answered.atMs - first.atMs, carriesMs: esp.atMs - first.atMs }
}

const lab = await openLab()
const results: Record<VpnClient['label'], Times[]> = { culvert: [], strongswan: [] }
let wire: WireWatch | undefined
try {
  await lab.prepare(scenario)
  wire = await watchWire(lab.network, addresses.client.ipv4)
  for (let round = 0; round < rounds; round++) {
    // Each has the namespace for itself while it is measured; strongSwan's daemon is up before its turn begins.
    for (const create of [createStrongswanClient, createCulvert]) {
      const client = create(lab)
      await wire.take()
      await lab.probe.streamStart(addresses.office.ipv4, 1)
      const attempt = await client.connect(scenario)
      if (attempt.kind === 'failed') throw new Error(`${client.label}: ${attempt.text}`)
      await delay(100)
      await lab.probe.streamStop(0)
      const times = timesOf(await wire.take())
      results[client.label].push(times)
      await attempt.session.disconnect()
      await client.close()
    }
  }
} finally {
  await wire?.close()
  await lab.close()
}

const words = (values: readonly number[]): string =>
  `${median(values).toFixed(1)} ms (quartiles ${quantile(values, 0.25).toFixed(1)}–${quantile(values, 0.75).toFixed(1)})`
const ours = results.culvert
const theirs = results.strongswan
const pick = (times: readonly Times[], key: keyof Times): readonly number[] => times.map((one) => one[key])
report({
  name: 'Connect, first datagram to last answer: Culvert',
  value: words(pick(ours, 'exchangeMs')),
  target: 'no more than strongSwan’s client',
  met: median(pick(ours, 'exchangeMs')) <= median(pick(theirs, 'exchangeMs')),
  note: 'PSK, X25519, AES-GCM-256, a new process each time',
})
report({
  name: 'Connect, first datagram to last answer: strongSwan',
  value: words(pick(theirs, 'exchangeMs')),
})
report({
  name: 'Connect, first datagram to first packet in the tunnel: Culvert',
  value: words(pick(ours, 'carriesMs')),
  target: 'no more than strongSwan’s client',
  met: median(pick(ours, 'carriesMs')) <= median(pick(theirs, 'carriesMs')),
  note: 'Child SA installed, address and routes set',
})
report({
  name: 'Connect, first datagram to first packet in the tunnel: strongSwan',
  value: words(pick(theirs, 'carriesMs')),
})
