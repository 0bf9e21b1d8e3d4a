/**
 * How long a connection takes, ours against strongSwan's client, at one strongSwan gateway, in turn.
 *
 * It begins for both when tcpdump on the router sees the client's IKE_SA_INIT request, and ends
 *   - when the Child SA is installed: what the client itself writes into its log, at its usual level, strongSwan "CHILD_SA …
 *     established", Culvert "a Child SA stands", both cut to whole milliseconds;
 *   - when the tunnel carries: the first ESP packet at the same tcpdump. A program in the client's namespace sends a
 *     datagram to the office every millisecond, and those before the tunnel stands go nowhere.
 * strongSwan's line comes once its kernel interface has addresses and routes, Culvert's before: the second time is the one
 * that counts for those who wait.
 *
 * Both are measured twice: at the first connection of a new process (`culvert up`, as at the terminal; a daemon that has just
 * read its configuration), and at later ones of a process that goes on running, as the desktop's and the daemon do.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { addresses } from '../interop/lab/network.ts'
import { cliPath, createCulvert } from '../interop/lab/culvert.ts'
import { writeCulvertProfile } from '../interop/lab/culvert-profile.ts'
import { openLab } from '../interop/lab/lab.ts'
import { findProgram, whyNot } from '../interop/lab/machine.ts'
import { delay, start, until } from '../interop/lab/processes.ts'
import { repositoryRoot } from '../interop/lab/repository.ts'
import type { Scenario } from '../interop/lab/scenario.ts'
import { mustSwanctl } from '../interop/lab/strongswan.ts'
import { createStrongswanClient } from '../interop/lab/strongswan-client.ts'
import type { StrongswanClient } from '../interop/lab/strongswan-client.ts'
import { median, quantile, report } from './row.ts'
import { watchWire } from './wire-watch.ts'
import type { Passage } from './wire-watch.ts'

const rounds = Number(process.argv[2] ?? 30)
const againEachRound = 4
/** strongSwan's usual level; the lab's scenarios have it say more. */
const charon = { filelog: { file: { ike: 1 } } }
const scenario: Scenario = {
  name: 'bench',
  gateway: { pools: ['ipv4'], charon },
  client: { charon },
  outcome: { kind: 'connected' },
}

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
const installedByCulvert = (logFile: string): number => {
  const line = readFileSync(logFile, 'utf8')
    .split('\n')
    .findLast((text) => text.includes('a Child SA stands'))
  const { at } = JSON.parse(line ?? '{}') as { readonly at?: number }
  if (at === undefined) throw new Error('Culvert logged no Child SA')
  return at
}

const missing = whyNot() ?? (findProgram('tcpdump') === undefined ? 'needs tcpdump' : undefined)
if (missing !== undefined) {
  report({ name: 'Connecting', value: `not measured: ${missing}` })
  process.exit()
}
const lab = await openLab()
const noTimes = () => ({
  theirsNew: [] as number[],
  theirsRunning: [] as number[],
  oursNew: [] as number[],
  oursRunning: [] as number[],
})
const installed = noTimes()
const carries = noTimes()
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
  const folder = join(lab.folder, 'running')
  const profile = await writeCulvertProfile(scenario, lab.pki, folder)
  const logFile = join(folder, 'log')
  const running = start(
    [
      ...[process.execPath, join(repositoryRoot, 'test', 'run-ts.mjs')],
      ...[join(repositoryRoot, 'test', 'bench', 'running-client.ts'), profile],
      ...[join(dirname(cliPath), 'helper.js'), logFile],
    ],
    { namespace: lab.network.client },
  )
  /** One line said, and the line that answers it. */
  const tell = async (what: string, answer: string): Promise<void> => {
    const before = running.lines.length
    running.write(`${what}\n`)
    await until(
      `Culvert to ${what}`,
      () => {
        if (!running.alive) throw new Error(`Culvert ended:\n${running.errors.join('\n')}`)
        return running.lines.slice(before).some((line) => line.includes(answer)) ? true : undefined
      },
      30_000,
      10,
    )
  }
  const terminate = ['--terminate', '--ike', 'lab', '--timeout', '5']
  const initiate = ['--initiate', '--child', 'office', '--timeout', '20']
  for (let round = 0; round < rounds; round++) {
    const strongswan = createStrongswanClient(lab)
    const theirs = () => installedByStrongswan(strongswan)
    const first = async (): Promise<void> => {
      const attempt = await strongswan.connect(scenario)
      if (attempt.kind === 'failed') throw new Error(attempt.text)
    }
    await measured('theirsNew', round, first, theirs)
    for (let time = 0; time < againEachRound; time++) {
      await mustSwanctl(strongswan.daemon, ...terminate)
      await measured(
        'theirsRunning',
        round,
        () => mustSwanctl(strongswan.daemon, ...initiate).then(() => undefined),
        theirs,
      )
    }
    await strongswan.close()

    const culvert = createCulvert(lab)
    const fresh = async (): Promise<void> => {
      const attempt = await culvert.connect(scenario)
      if (attempt.kind === 'failed') throw new Error(attempt.text)
    }
    await measured('oursNew', round, fresh, () => installedByCulvert(culvert.logFile))
    await culvert.close()
    for (let time = 0; time < againEachRound; time++) {
      await measured(
        'oursRunning',
        round,
        () => tell('connect', 'connected'),
        () => installedByCulvert(logFile),
      )
      await tell('disconnect', 'disconnected')
    }
  }
  await running.stop('SIGTERM', 5_000)
  await wire.close()
} finally {
  await lab.close()
}

const words = (values: readonly number[]): string =>
  `${median(values).toFixed(1)} ms (quartiles ${quantile(values, 0.25).toFixed(1)}–${quantile(values, 0.75).toFixed(1)}, ${values.length} times)`
const rows = (what: string, times: ReturnType<typeof noTimes>): void => {
  const compare = (mode: string, theirs: readonly number[], ours: readonly number[]): void => {
    report({
      name: `${what}: strongSwan’s client, ${mode}`,
      value: words(theirs),
      note: 'PSK, X25519, AES-GCM-256',
    })
    report({
      name: `${what}: Culvert, ${mode}`,
      value: words(ours),
      target: 'no more than strongSwan’s client',
      met: median(ours) <= median(theirs),
    })
  }
  compare('new process', times.theirsNew, times.oursNew)
  compare('running', times.theirsRunning, times.oursRunning)
}
rows('First datagram to Child SA installed', installed)
rows('First datagram to first packet in the tunnel', carries)
