/**
 * What rekeying costs a transfer: `npm run bench -- rekeys [ROUNDS [SECONDS]]`, Culvert at both ends. One TCP stream with a Child SA
 * that is rekeyed every second and with one that is not, in turn; then datagrams at a fixed rate, of which none may be lost.
 */
import { readFileSync } from 'node:fs'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import { createCulvert } from '../interop/lab/culvert.ts'
import { startCulvertGateway } from '../interop/lab/culvert-gateway.ts'
import { openLab } from '../interop/lab/lab.ts'
import type { Lab } from '../interop/lab/lab.ts'
import { whyNot } from '../interop/lab/machine.ts'
import type { Scenario } from '../interop/lab/scenario.ts'
import { median, report } from './row.ts'
import { iperf } from './throughput/measure.ts'

const rounds = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 25)

interface Run {
  readonly gigabits: number
  readonly rekeys: number
  readonly lost: number
  readonly datagrams: number
  /** Packets that our end dropped, by reason. */
  readonly drops: ConnectionStatus['drops']
}

const scenarioOf = (childSeconds: number): Scenario => ({
  name: 'rekeys',
  gateway: { pools: ['ipv4'], ike: ['aes256gcm16-prfsha384-x25519'], esp: ['aes256gcm16'] },
  client: { profile: { lifetimes: { childSeconds } } },
  outcome: { kind: 'connected' },
})

const childSasIn = (logFile: string): number =>
  readFileSync(logFile, 'utf8').split('a Child SA stands').length - 1

async function transfer(lab: Lab, childSeconds: number): Promise<Run> {
  const scenario = scenarioOf(childSeconds)
  await lab.preparePath(scenario)
  const gateway = await startCulvertGateway(scenario, lab)
  const client = createCulvert(lab)
  try {
    const attempt = await client.connect(scenario)
    if (attempt.kind === 'failed') throw new Error(attempt.text)
    const before = childSasIn(client.logFile)
    const tcp = await iperf(lab, seconds)
    const rekeys = childSasIn(client.logFile) - before
    const udp = (await iperf(lab, seconds, '-u', '-b', '100M', '-l', '1350'))?.sum
    const [status] = JSON.parse(
      (await client.command('status', '--json')).stdout,
    ) as readonly ConnectionStatus[]
    return {
      gigabits: (tcp?.sum_received?.bits_per_second ?? Number.NaN) / 1e9,
      rekeys,
      lost: udp?.lost_packets ?? Number.NaN,
      datagrams: udp?.packets ?? Number.NaN,
      drops: status?.drops ?? {},
    }
  } finally {
    await client.close()
    await gateway.stop()
  }
}

const missing = whyNot()
if (missing !== undefined) {
  report({ name: 'Rekeying', value: `not measured: ${missing}` })
  process.exit()
}
const still: Run[] = []
const rekeyed: Run[] = []
for (let round = 0; round < rounds; round += 1) {
  for (const [runs, childSeconds] of [
    [still, 3600],
    [rekeyed, 1],
  ] as const) {
    const lab = await openLab()
    try {
      const run = await transfer(lab, childSeconds)
      process.stderr.write(`${JSON.stringify(run)}\n`)
      runs.push(run)
    } finally {
      await lab.close()
    }
  }
}
const speed = (runs: readonly Run[]): number => median(runs.map(({ gigabits }) => gigabits))
const sum = (runs: readonly Run[], of: (run: Run) => number): number =>
  runs.reduce((total, run) => total + of(run), 0)
const part = speed(rekeyed) / speed(still)
report({
  name: `Throughput while the Child SA is rekeyed, ${median(rekeyed.map(({ rekeys }) => rekeys))} times in ${seconds} s`,
  value: `${speed(rekeyed).toFixed(2)} Gbit/s against ${speed(still).toFixed(2)} without: ${(part * 100).toFixed(0)} %`,
  target: 'within 10 %',
  met: part >= 0.9,
})
report({
  name: 'Datagrams lost at 100 Mbit/s meanwhile',
  value: `${sum(rekeyed, ({ lost }) => lost)} of ${sum(rekeyed, ({ datagrams }) => datagrams)}; without rekeying ${sum(still, ({ lost }) => lost)}`,
  target: 'none',
  met: sum(rekeyed, ({ lost }) => lost) === 0,
})
process.exit()
