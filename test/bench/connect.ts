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
 * it), and by a process that runs and is made to connect again, as the desktop's does. strongSwan's daemon always runs.
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

const rounds = Number(process.argv[2] ?? 15)
const againEachRound = 4
const scenario: Scenario = { name: 'bench', gateway: { pools: ['ipv4'] }, outcome: { kind: 'connected' } }

interface Times {
  readonly installedMs: number
  readonly carriesMs: number
}

const timesOf = (passages: readonly Passage[], installedAtMs: number): Times => {
  const first = passages.findLast((one) => one.kind === 'init')
  const esp = passages.find(
    (one) => one.kind === 'esp' && one.fromClient && one.atMs > (first?.atMs ?? Infinity),
  )
  if (first === undefined || esp === undefined) throw new Error('no IKE or no ESP passed')
  return { installedMs: installedAtMs - first.atMs, carriesMs: esp.atMs - first.atMs }
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
const theirs: Times[] = []
const fresh: Times[] = []
const again: Times[] = []
try {
  await lab.prepare(scenario)
  const wire = await watchWire(lab.network, addresses.client.ipv4)
  const measured = async (
    into: Times[],
    act: () => Promise<void>,
    installedAt: () => number,
  ): Promise<void> => {
    await wire.take()
    await lab.probe.streamStart(addresses.office.ipv4, 1)
    await act()
    await delay(150)
    await lab.probe.streamStop(0)
    into.push(timesOf(await wire.take(), installedAt()))
  }
  for (let round = 0; round < rounds; round++) {
    const strongswan = createStrongswanClient(lab)
    await measured(
      theirs,
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
      fresh,
      async () => {
        const attempt = await culvert.connect(scenario)
        if (attempt.kind === 'failed') throw new Error(attempt.text)
        connections = connected()
      },
      () => installedByCulvert(culvert),
    )
    for (let time = 0; time < againEachRound; time++) {
      await measured(
        again,
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
const rows = (key: keyof Times, what: string, target: string): void => {
  const of = (times: readonly Times[]): readonly number[] => times.map((one) => one[key])
  const met = (times: readonly Times[]) => ({ target, met: median(of(times)) <= median(of(theirs)) })
  report({ name: `${what}: strongSwan’s client`, value: words(of(theirs)), note: 'PSK, X25519, AES-GCM-256' })
  report({ name: `${what}: Culvert, running`, value: words(of(again)), ...met(again) })
  report({ name: `${what}: Culvert, new process`, value: words(of(fresh)), ...met(fresh) })
}
rows('installedMs', 'First datagram to Child SA installed', 'no more than strongSwan’s client')
rows('carriesMs', 'First datagram to first packet in the tunnel', 'no more than strongSwan’s client')
