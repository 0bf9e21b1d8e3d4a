/** Medians, ratios and what the design asks for. */
import type { Row } from '../row.ts'
import { median } from '../row.ts'
import type { Figures } from './measure.ts'

type Measured = ReadonlyMap<string, readonly Figures[]>

const columns: readonly (readonly [string, (figures: Figures) => number, (value: number) => string])[] = [
  ['TCP up, Gbit/s', ({ up }) => up, (value) => value.toFixed(2)],
  ['down', ({ down }) => down, (value) => value.toFixed(2)],
  ['4 streams up', ({ fourUp }) => fourUp, (value) => value.toFixed(2)],
  ['CPU s/GB up', ({ cpuUp }) => cpuUp, (value) => value.toFixed(2)],
  ['down', ({ cpuDown }) => cpuDown, (value) => value.toFixed(2)],
  ['loss at 100 Mbit/s', ({ loss100 }) => loss100, (value) => `${(value * 100).toFixed(2)} %`],
  ['at 500', ({ loss500 }) => loss500, (value) => `${(value * 100).toFixed(2)} %`],
  ['64-byte packets/s', ({ smallPackets }) => smallPackets, (value) => `${Math.round(value / 1000)},000`],
  ['ping, ms', ({ pingIdle }) => pingIdle, (value) => value.toFixed(2)],
  ['under load', ({ pingLoaded }) => pingLoaded, (value) => value.toFixed(2)],
  ['memory, MB', ({ memory }) => memory, (value) => value.toFixed(0)],
]

const mid = (figures: readonly Figures[], of: (one: Figures) => number): number => median(figures.map(of))

export function throughputTable(
  measured: Measured,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): { readonly rows: readonly Row[]; readonly section: string } {
  const lines = [...measured].map(([name, figures]) => {
    const cells = columns.map(([, of, text]) => {
      const value = mid(figures, of)
      return Number.isFinite(value) ? text(value) : '–'
    })
    return `| ${name} | ${cells.join(' | ')} |`
  })
  const section = [
    `Medians of ${rounds} rounds in which all took turns, ${seconds} s each. CPU is that of the client's process alone.`,
    '',
    `| | ${columns.map(([name]) => name).join(' | ')} |`,
    `| --- |${' --- |'.repeat(columns.length)}`,
    ...lines,
    '',
  ].join('\n')
  return { rows: targets(measured), section }
}

/** Issue by issue what was asked; only where both sides were measured. */
function targets(measured: Measured): readonly Row[] {
  const rows: Row[] = []
  const of = (part: string): readonly Figures[] | undefined => {
    const figures = [...measured].find(([name]) => name.startsWith(part))?.[1]
    return figures === undefined || figures.length === 0 ? undefined : figures
  }
  const ratio = (ours: string, theirs: string, asked: number): void => {
    const [a, b] = [of(ours), of(theirs)]
    if (a === undefined || b === undefined) return
    const up = mid(a, (one) => one.up) / mid(b, (one) => one.up)
    const down = mid(a, (one) => one.down) / mid(b, (one) => one.down)
    rows.push({
      name: `Throughput: ${ours} to ${theirs}`,
      value: `${up.toFixed(1)} × up, ${down.toFixed(1)} × down`,
      target: `at least ${asked} ×`,
      met: Math.min(up, down) >= asked,
    })
  }
  ratio('Culvert fast, libipsec-mb', 'strongSwan', 15)
  ratio('Culvert fast, libcrypto', 'strongSwan', 12)
  ratio('Culvert fast, libipsec-mb', 'wireguard-go', 2)
  ratio('Culvert fast, libcrypto', 'wireguard-go', 1.4)
  const fast = of('Culvert fast, libipsec-mb')
  if (fast === undefined) return rows
  const cpu = Math.max(
    mid(fast, (one) => one.cpuUp),
    mid(fast, (one) => one.cpuDown),
  )
  const loss = mid(fast, (one) => one.loss500)
  rows.push(
    {
      name: 'Client CPU, libipsec-mb',
      value: `${cpu.toFixed(2)} s/GB`,
      target: 'at most 1.1',
      met: cpu <= 1.1,
    },
    {
      name: 'UDP at 500 Mbit/s, libipsec-mb',
      value: `${(loss * 100).toFixed(2)} % lost`,
      target: 'under 1 %',
      met: loss < 0.01,
    },
  )
  const theirs = of('strongSwan')
  if (theirs === undefined) return rows
  const small = mid(fast, (one) => one.smallPackets) / mid(theirs, (one) => one.smallPackets)
  return [
    ...rows,
    {
      name: 'Small packets to strongSwan',
      value: `${small.toFixed(1)} ×`,
      target: 'at least 4 ×',
      met: small >= 4,
    },
  ]
}
