/**
 * What the desktop app costs, in a real Electron on a screen that nobody sees: `npm run bench -- desktop [ROUNDS [SECONDS]]`.
 *
 *   - Cold start: from the start of the process to a button that takes a click, Playwright's own attaching included.
 *   - Memory: the proportional set size of all its processes, each shared page counted once, connected and idle.
 *   - Throughput from the app's main process, and from the terminal's, in turn, with Culvert's gateway at the other end.
 *   - Meanwhile how late a timer of 5 ms comes in the main process, and how long the window waits for an answer of it.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bridge } from '../../src-shared/contract.ts'
import { openApp } from '../electron/lab/app.ts'
import type { RunningApp } from '../electron/lab/app.ts'
import { openDisplay } from '../electron/lab/display.ts'
import { enterNamespace } from '../electron/lab/namespace.ts'
import { whyNoApp } from '../electron/lab/needs.ts'
import { startCulvertGateway } from '../interop/lab/culvert-gateway.ts'
import { writeCulvertProfile } from '../interop/lab/culvert-profile.ts'
import { openLab } from '../interop/lab/lab.ts'
import type { Lab } from '../interop/lab/lab.ts'
import { whyNot } from '../interop/lab/machine.ts'
import { delay, until } from '../interop/lab/processes.ts'
import { median, quantile, report } from './row.ts'
import { iperf } from './throughput/measure.ts'
import { culvert, scenario } from './throughput/rivals.ts'

declare global {
  interface Window {
    readonly culvert: Bridge
  }
}

const rounds = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 5)
const startsMeasured = 5

const missing = whyNot() ?? whyNoApp()
if (missing !== undefined) {
  report({ name: 'The desktop app', value: `not measured: ${missing}` })
  process.exit()
}

const parentOf = (pid: number): number => {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}

/** Of the process and all that it started, in megabytes. */
function proportionalMegabytes(root: number): number {
  const all = readdirSync('/proc').map(Number).filter(Number.isInteger)
  const found = [root]
  for (const pid of found) found.push(...all.filter((one) => parentOf(one) === pid))
  const kilobytes = found.map((pid) =>
    Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]),
  )
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024
}

const display = await openDisplay()
const ready = (app: RunningApp): Promise<void> => app.page.getByRole('button').first().click({ trial: true })

async function coldStart(): Promise<number> {
  const begun = performance.now()
  const app = await openApp({ env: display.env })
  await ready(app)
  const took = performance.now() - begun
  await app.quit()
  return took
}

/** Begins to count how late a timer comes in the main process; gives what it saw when it is called again. */
async function watchEventLoop(app: RunningApp): Promise<() => Promise<readonly number[]>> {
  await app.electron.evaluate(() => {
    const world = globalThis as unknown as { lateness: number[]; watch: NodeJS.Timeout }
    world.lateness = []
    let last = performance.now()
    world.watch = setInterval(() => {
      const now = performance.now()
      world.lateness.push(Math.max(0, now - last - 5))
      last = now
    }, 5)
  })
  return () =>
    app.electron.evaluate(() => {
      const world = globalThis as unknown as { lateness: number[]; watch: NodeJS.Timeout }
      clearInterval(world.watch)
      return world.lateness
    })
}

/** How long the window waits for the main process, asked twenty times a second for so long. */
const answersInWindow = (app: RunningApp, forSeconds: number): Promise<readonly number[]> =>
  app.page.evaluate(async (length) => {
    const waited: number[] = []
    const end = performance.now() + length * 1000
    while (performance.now() < end) {
      const asked = performance.now()
      await window.culvert.snapshot('connections')
      waited.push(performance.now() - asked)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return waited
  }, forSeconds)

interface Transfer {
  readonly up: number
  readonly down: number
  readonly lateness: readonly number[]
  readonly answers: readonly number[]
  readonly memory: number
}

const gigabits = async (lab: Lab, ...words: readonly string[]): Promise<number> =>
  ((await iperf(lab, seconds, ...words))?.sum_received?.bits_per_second ?? Number.NaN) / 1e9

async function inElectron(): Promise<Transfer> {
  process.env['CULVERT_DATA_PLANE'] = 'ipsec-mb,libcrypto'
  const lab = await openLab()
  await lab.preparePath(scenario)
  const gateway = await startCulvertGateway(scenario, lab)
  const profile: unknown = JSON.parse(
    readFileSync(await writeCulvertProfile(scenario, lab.pki, join(lab.folder, 'app')), 'utf8'),
  )
  const leave = enterNamespace(lab.network.client)
  const app = await openApp({ env: display.env, namespace: lab.network.client })
  try {
    await ready(app)
    await app.page.evaluate(async (one) => {
      const saved = await window.culvert.call('saveProfile', { profile: one as never, secrets: [] })
      if (!saved.ok) throw new Error(JSON.stringify(saved.error))
      const connected = await window.culvert.call('connect', { profileId: (one as { id: string }).id })
      if (!connected.ok) throw new Error(JSON.stringify(connected.error))
    }, profile)
    await until('the app to be connected', async () => {
      const [first] = await app.page.evaluate(() => window.culvert.snapshot('connections'))
      if (first?.state.kind === 'failed') throw new Error(JSON.stringify(first.state.failure))
      return first?.state.kind === 'connected' ? true : undefined
    })
    await delay(5_000)
    const memory = proportionalMegabytes(app.pid)
    const unwatch = await watchEventLoop(app)
    const answers = answersInWindow(app, 2 * seconds)
    const up = await gigabits(lab)
    const down = await gigabits(lab, '-R')
    return { up, down, memory, lateness: await unwatch(), answers: await answers }
  } finally {
    await app.quit()
    leave()
    await gateway.stop()
    await lab.close()
  }
}

async function inTerminal(): Promise<Pick<Transfer, 'up' | 'down'>> {
  const lab = await openLab()
  const standing = await culvert('terminal', 'ipsec-mb,libcrypto', 'own').start(lab)
  try {
    return { up: await gigabits(lab), down: await gigabits(lab, '-R') }
  } finally {
    await standing.close()
    await lab.close()
  }
}

const starts: number[] = []
const electron: Transfer[] = []
const terminal: Pick<Transfer, 'up' | 'down'>[] = []
try {
  for (let time = 0; time < startsMeasured; time += 1) starts.push(await coldStart())
  for (let round = 0; round < rounds; round += 1) {
    electron.push(await inElectron())
    terminal.push(await inTerminal())
  }
} finally {
  await display.close()
}

const ms = (values: readonly number[], part: number): string => quantile(values, part).toFixed(1)
const lateness = electron.flatMap((one) => one.lateness)
const answers = electron.flatMap((one) => one.answers)
report({
  name: 'Cold start of the app to a window that takes a click',
  value: `${median(starts).toFixed(0)} ms (median of ${starts.length})`,
})
report({
  name: 'Memory of all the app’s processes, connected and idle',
  value: `${median(electron.map((one) => one.memory)).toFixed(0)} MB, shared pages counted once`,
})
report({
  name: 'Event loop of the main process during a full-speed transfer',
  value: `${ms(lateness, 0.99)} ms late at the 99th percentile, ${ms(lateness, 1)} at most`,
  target: 'under 20 ms at the 99th percentile',
  met: quantile(lateness, 0.99) < 20,
})
report({
  name: 'Answer of the main process to the window meanwhile',
  value: `median ${ms(answers, 0.5)} ms, 99th percentile ${ms(answers, 0.99)} ms`,
  target: 'within 50 ms',
  met: quantile(answers, 0.99) < 50,
})
for (const direction of ['up', 'down'] as const) {
  const ours = median(electron.map((one) => one[direction]))
  const theirs = median(terminal.map((one) => one[direction]))
  report({
    name: `Throughput of the app against the terminal’s, one TCP stream ${direction}`,
    value: `${ours.toFixed(2)} and ${theirs.toFixed(2)} Gbit/s: ${((ours / theirs) * 100).toFixed(0)} %`,
    target: 'within 10 %',
    met: ours / theirs >= 0.9,
  })
}
process.stdout.write(
  `${JSON.stringify({
    section: 'desktop',
    heading: 'The desktop app',
    text: `Medians of ${rounds} rounds of ${seconds} s each way in which app and terminal took turns, Culvert's gateway at the other end of the tunnel, AES-GCM-256, \`libipsec-mb\`.`,
  })}\n`,
)
process.exit()
