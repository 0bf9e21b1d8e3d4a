/**
 * How long a connection takes, ours against strongSwan's client, at one strongSwan gateway, in turn.
 *
 * It begins for both when tcpdump on the router sees the client's IKE_SA_INIT request, and ends
 *   - when the Child SA is installed: what the client itself records, strongSwan in its log ("CHILD_SA … established"),
 *     Culvert in `--json` (the phase `configuring` follows it), both cut to whole milliseconds;
 *   - when the tunnel carries: the first ESP packet at the same tcpdump. A program in the client's namespace sends a
 *     datagram to the office every millisecond, and those before the tunnel stands go nowhere.
 *
 * Culvert is measured twice: by a new process (`culvert up`, as at the terminal, before Node's compiler has seen any of
 * it), and by a process that runs and is made to connect again, as the desktop's does. strongSwan's daemon is up and has
 * its configuration before its turn begins.
 */
import { addresses } from '../interop/lab/network.ts'
import { createCulvert } from '../interop/lab/culvert.ts'
import type { Culvert } from '../interop/lab/culvert.ts'
import { openLab } from '../interop/lab/lab.ts'
import { findProgram, whyNot } from '../interop/lab/machine.ts'
import { delay, until } from '../interop/lab/processes.ts'
import type { Scenario } from '../interop/lab/scenario.ts'
import { mustSwanctl } from '../interop/lab/strongswan.ts'
import { createStrongswanClient } from '../interop/lab/strongswan-client.ts'
import type { StrongswanClient } from '../interop/lab/strongswan-client.ts'
import { median, quantile, report } from './row.ts'
import { watchWire } from './wire-watch.ts'
import type { Passage } from './wire-watch.ts'

const rounds = Number(process.argv[2] ?? 30)
const againEachRound = 4
const scenario: Scenario = { name: 'bench', gateway: { pools: ['ipv4'] }, outcome: { kind: 'connected' } }

/** Milliseconds from the last IKE_SA_INIT request on. */
const sinceStart = (passages: readonly Passage[], end: (after: number) => number | undefined): number => {
  const first = passages.findLast((one) => one.kind === 'init')
  const at = first === undefined ? undefined : end(first.atMs)
  if (first === undefined || at === undefined) throw new Error('no connection passed the router')
  return at - first.atMs
}

/** When strongSwan says that its Child SA stands: `13:07:11.784 05[IKE] CHILD_SA office{1} established …`, local time. */
const installedByStrongswan = (client: StrongswanClient): number => {
  const found = [
    ...client.daemon.log().matchAll(/^(\d+):(\d+):(\d+)\.(\d+) .*CHILD_SA \S+ established/gm),
  ].at(-1)
  if (found === undefined) throw new Error('strongSwan logged no Child SA')
  const [, hours, minutes, seconds, millis] = found
  return new Date().setHours(Number(hours), Number(minutes), Number(seconds), Number(millis))
}

/** When Culvert's Child SA stood for the last time. */
const installedByCulvert = (client: Culvert): number => {
  const line = client.process()?.lines.findLast((text) => text.includes('"phase":"configuring"'))
  const { at } = JSON.parse(line ?? '{}') as { readonly at?: number }
  if (at === undefined) throw new Error('Culvert told no phase')
  return at
}

const missing = whyNot() ?? (findProgram('tcpdump') === undefined ? 'needs tcpdump' : undefined)
if (missing !== undefined) {
  report({ name: 'Connecting', value: `not measured: ${missing}` })
  process.exit()
}
const lab = await openLab()
const installed = { theirs: [] as number[], fresh: [] as number[], again: [] as number[] }
const carries = { theirs: [] as number[], fresh: [] as number[], again: [] as number[] }
try {
  await lab.prepare(scenario)
  const wire = await watchWire(lab.network, addresses.client.ipv4)
  /** Rounds take turns: without traffic for the Child SA, which packets to handle would delay; with it for the first one through. */
  const measured = async (
    who: keyof typeof installed,
    round: number,
    act: () => Promise<void>,
    installedAt: () => number,
  ): Promise<void> => {
    const withTraffic = round % 2 === 1
    await wire.take()
    if (withTraffic) await lab.probe.streamStart(addresses.office.ipv4, 1)
    await act()
    await delay(150)
    if (withTraffic) await lab.probe.streamStop(0)
    const passages = await wire.take()
    if (!withTraffic) installed[who].push(sinceStart(passages, installedAt))
    else {
      const firstEsp = (after: number): number | undefined =>
        passages.find((one) => one.kind === 'esp' && one.fromClient && one.atMs > after)?.atMs
      carries[who].push(sinceStart(passages, firstEsp))
    }
  }
  for (let round = 0; round < rounds; round++) {
    const strongswan = createStrongswanClient(lab)
    await measured(
      'theirs',
      round,
      async () => {
        const attempt = await strongswan.connect(scenario)
        if (attempt.kind === 'failed') throw new Error(attempt.text)
      },
      () => installedByStrongswan(strongswan),
    )
    await strongswan.close()

    const culvert = createCulvert(lab)
    let connections = 0
    const connected = (): number =>
      culvert.process()?.lines.filter((line) => line.includes('"state":"connected"')).length ?? 0
    await measured(
      'fresh',
      round,
      async () => {
        const attempt = await culvert.connect(scenario)
        if (attempt.kind === 'failed') throw new Error(attempt.text)
        connections = connected()
      },
      () => installedByCulvert(culvert),
    )
    for (let time = 0; time < againEachRound; time++) {
      await measured(
        'again',
        round,
        async () => {
          await mustSwanctl(lab.gateway, '--terminate', '--ike', 'lab', '--timeout', '5')
          await until(
            'Culvert to connect again',
            () => (connected() > connections ? true : undefined),
            30_000,
          )
          connections = connected()
        },
        () => installedByCulvert(culvert),
      )
    }
    await culvert.close()
  }
  await wire.close()
} finally {
  await lab.close()
}

const words = (values: readonly number[]): string =>
  `${median(values).toFixed(1)} ms (quartiles ${quantile(values, 0.25).toFixed(1)}–${quantile(values, 0.75).toFixed(1)}, ${values.length} times)`
const rows = (what: string, times: typeof installed): void => {
  const met = (ours: readonly number[]) => ({
    target: 'no more than strongSwan’s client',
    met: median(ours) <= median(times.theirs),
  })
  report({
    name: `${what}: strongSwan’s client`,
    value: words(times.theirs),
    note: 'PSK, X25519, AES-GCM-256',
  })
  report({ name: `${what}: Culvert, running`, value: words(times.again), ...met(times.again) })
  report({ name: `${what}: Culvert, new process`, value: words(times.fresh), ...met(times.fresh) })
}
rows('First datagram to Child SA installed', installed)
rows('First datagram to first packet in the tunnel', carries)
