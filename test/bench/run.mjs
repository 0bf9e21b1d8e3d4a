// `npm run bench`: every benchmark, or those named: `npm run bench -- connect memory`. Writes the table to standard output
// and to docs/performance.md. Nothing here is a test: no number fails a build.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'

const root = join(import.meta.dirname, '..', '..')
const known = ['codec-report', 'data-plane', 'lookup', 'connect', 'memory']
// Take minutes and a quiet machine: only when they are named, with rounds and seconds behind.
const long = ['throughput', 'desktop', 'rekeys']
const words = process.argv.slice(2)
const named = words.filter((word) => !/^\d+$/.test(word))
const numbers = words.filter((word) => /^\d+$/.test(word))
const wanted = named.length > 0 ? named : known

/** Tables of their own, for docs/performance.md. */
const sections = []

const run = (name) =>
  new Promise((resolve) => {
    const file = join('test', 'bench', `${name}.ts`)
    if (!existsSync(join(root, file))) return resolve({ name, status: 127, rows: [] })
    process.stderr.write(`${name} …\n`)
    const child = spawn(
      process.execPath,
      ['test/run-ts.mjs', file, ...(long.includes(name) ? numbers : [])],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let text = ''
    child.stdout.on('data', (chunk) => (text += chunk))
    child.once('close', (status) => {
      const lines = text.split('\n').filter(Boolean)
      const told = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
      const rows = told.filter((one) => one.section === undefined)
      sections.push(...told.filter((one) => one.section !== undefined))
      for (const line of lines.filter((one) => !one.startsWith('{'))) process.stderr.write(`${line}\n`)
      resolve({ name, status: status ?? 128, rows })
    })
  })

const [busy] = loadavg()
const results = []
for (const name of wanted) results.push(await run(name))

const cell = (text) => String(text ?? '').replaceAll('|', '\\|')
const rows = results.flatMap(({ name, status, rows }) =>
  status === 0 ? rows : [...rows, { name, value: `failed with exit status ${status}` }],
)
const table = [
  '| What | Measured | Asked | |',
  '| --- | --- | --- | --- |',
  ...rows.map(
    (row) =>
      `| ${cell(row.name)} | ${cell(row.value)} | ${cell(row.target)}${row.met === undefined ? '' : row.met ? ' – met' : ' – **missed**'} | ${cell(row.note)} |`,
  ),
].join('\n')
const [cpu] = cpus()
const system = /^PRETTY_NAME="(.*)"$/m.exec(
  existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '',
)?.[1]
const machine = `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${system ?? process.platform}, kernel ${release()}, Node ${process.versions.node}; load average before the run ${busy.toFixed(1)}`
process.stdout.write(`${machine}\n\n${table}\n`)

const file = join(root, 'docs', 'performance.md')
const write = async (text) =>
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }))
/** What stands under a heading of the second level, up to the next; empty when there is none. */
const sectionOf = (text, heading) =>
  new RegExp(`^## ${heading}\\n[\\s\\S]*?(?=^## |(?![\\s\\S]))`, 'm').exec(text)?.[0] ?? ''
const today = new Date().toISOString().slice(0, 10)
const before = existsSync(file) ? readFileSync(file, 'utf8') : ''

if (named.length === 0) {
  const text = `# Performance

Measured by \`npm run bench\` on ${today}: ${machine}.

${table}

How each number is made stands at the head of its file in \`test/bench\`. Client, gateway, router and the programs that
measure share the machine, so compare numbers of one run with each other. Connecting is measured by one clock for both
clients, \`tcpdump\` on the router between client and gateway, in turn.

${before.includes('\n## ') ? before.slice(before.indexOf('\n## ') + 1) : ''}`
  await write(text)
}
for (const { heading, text } of sections) {
  const fresh = `## ${heading}\n\nMeasured on ${today}: ${machine}.\n\n${table}\n\n${text}\n`
  const old = sectionOf(before, heading)
  await write(old === '' ? `${before}\n${fresh}` : before.replace(old, () => fresh))
}
process.exitCode = results.every(({ status }) => status === 0) ? 0 : 1
