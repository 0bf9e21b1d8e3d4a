/**
 * How fast a tunnel is, Culvert's against others', in one network of namespaces: client – router – gateway – office.
 * `npm run bench -- throughput [ROUNDS [SECONDS]]`. All take turns in each round, and the table has the medians; WIREGUARD_GO
 * names the rival that Debian has too old. THROUGHPUT_ONLY picks by a part of the name. Both ends, the router and iperf3 share
 * the machine: compare within the table.
 */
import { openLab } from '../interop/lab/lab.ts'
import { whyNot } from '../interop/lab/machine.ts'
import { measure } from './throughput/measure.ts'
import type { Figures } from './throughput/measure.ts'
import { rivals } from './throughput/rivals.ts'
import type { Rival } from './throughput/rivals.ts'
import { throughputTable } from './throughput/table.ts'
import { report } from './row.ts'

const rounds = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 3)
const only = process.env['THROUGHPUT_ONLY'] ?? ''

const tell = (text: string): void => void process.stderr.write(`${text}\n`)

async function once(rival: Rival): Promise<Figures> {
  const lab = await openLab()
  try {
    const standing = await rival.start(lab)
    try {
      return await measure(lab, standing.clientPid, seconds)
    } finally {
      await standing.close()
    }
  } finally {
    await lab.close()
  }
}

const missing = whyNot()
if (missing !== undefined) {
  report({ name: 'Throughput', value: `not measured: ${missing}` })
  process.exit()
}
const present = rivals.filter(({ name, missing: reason }) => {
  if (reason !== undefined) tell(`${name} is not measured: it needs ${reason}`)
  return reason === undefined && name.includes(only)
})
const measured = new Map<string, Figures[]>(present.map(({ name }) => [name, []]))
for (let round = 1; round <= rounds; round += 1) {
  for (const rival of present) {
    try {
      const figures = await once(rival)
      measured.get(rival.name)?.push(figures)
      tell(`${round} ${rival.name}: ${JSON.stringify(figures)}`)
    } catch (error) {
      tell(`${round} ${rival.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
const { rows, section } = throughputTable(measured, { rounds, seconds })
for (const row of rows) report(row)
process.stdout.write(`${JSON.stringify({ section: 'throughput', heading: 'Throughput', text: section })}\n`)
process.exit()
