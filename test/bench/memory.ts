/** What the terminal client costs when it is connected and nothing happens: memory of each of its processes, processor time over half a minute. */
import { readFileSync, readdirSync } from 'node:fs'
import { createCulvert } from '../interop/lab/culvert.ts'
import { openLab } from '../interop/lab/lab.ts'
import { whyNot } from '../interop/lab/machine.ts'
import { delay } from '../interop/lab/processes.ts'
import type { Scenario } from '../interop/lab/scenario.ts'
import { report } from './row.ts'

const seconds = Number(process.argv[2] ?? 30)
const scenario: Scenario = { name: 'bench', outcome: { kind: 'connected' } }
const parentOf = (pid: number): number | undefined => {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

/** The process and all that it started. */
const family = (root: number): readonly number[] => {
  const all = readdirSync('/proc').map(Number).filter(Number.isInteger)
  const found = [root]
  for (const pid of found) found.push(...all.filter((one) => parentOf(one) === pid))
  return found
}

const megabytes = (pid: number, field: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) /
  1024

/** Time on a processor so far, of all threads, in seconds: by the scheduler's own clock, /proc/PID/stat counts in hundredths. */
const processorSeconds = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`)
    .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, nanoseconds) => sum + nanoseconds / 1e9, 0)

const nameOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    .split('\0')
    .find((word) => /\.m?js$/.test(word))
    ?.split('/')
    .at(-1) ?? readFileSync(`/proc/${pid}/comm`, 'utf8').trim()

const missing = whyNot()
if (missing !== undefined) {
  report({ name: 'Memory and processor when idle', value: `not measured: ${missing}` })
  process.exit()
}
const lab = await openLab()
try {
  await lab.prepare(scenario)
  const culvert = createCulvert(lab)
  const attempt = await culvert.connect(scenario)
  if (attempt.kind === 'failed') throw new Error(attempt.text)
  const root = culvert.process()?.pid
  if (root === undefined) throw new Error('no process')
  // What connecting left for the collector is not what idling costs.
  await delay(20_000)
  const pids = family(root)
  const before = pids.map(processorSeconds)
  await delay(seconds * 1000)
  pids.forEach((pid, index) => {
    const share = ((processorSeconds(pid) - (before[index] ?? 0)) / seconds) * 100
    const rss = megabytes(pid, 'VmRSS')
    const main = pid === root
    report({
      name: `Memory when connected and idle: ${nameOf(pid)}`,
      value: `${rss.toFixed(0)} MB resident`,
      ...(main ? { target: 'under 90 MB', met: rss < 90 } : {}),
    })
    report({
      name: `Processor when connected and idle: ${nameOf(pid)}`,
      value: `${share.toFixed(3)} % over ${seconds} s`,
      ...(main ? { target: 'under 0.2 %', met: share < 0.2 } : {}),
    })
  })
  await attempt.session.disconnect()
  await culvert.close()
} finally {
  await lab.close()
}
