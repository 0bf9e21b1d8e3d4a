// `npm test`: the checks, then every test; `npm test -- checks unit` only those parts. Ends with one line `N passed, N failed`.
// With CI=true whatever is skipped counts as failed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const wanted = process.argv.slice(2)
const wants = (part) => wanted.length === 0 || wanted.includes(part)
const inCi = process.env.CI === 'true'
const folder = mkdtempSync(join(tmpdir(), 'culvert-test-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
let passed = 0
let failed = 0
const summary = []

const say = (line) => process.stdout.write(`${line}\n`)
const run = (argv, env = {}) =>
  new Promise((resolve) => {
    const [program, ...rest] = argv
    const child = spawn(program, rest, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
    child.once('error', (error) => {
      say(`${program}: ${error.message}`)
      resolve(127)
    })
    child.once('close', (code) => resolve(code ?? 128))
  })
const bin = (name) => join(root, 'node_modules', '.bin', name)
const note = (name, seconds, text) => {
  summary.push(`${name.padEnd(34)} ${String(seconds).padStart(5)} s   ${text}`)
}
const timed = async (name, task) => {
  say(`\n=== ${name}`)
  const from = Date.now()
  const text = await task()
  note(name, Math.round((Date.now() - from) / 1000), text)
}

const check = (name, argv) =>
  timed(name, async () => {
    const status = await run(argv)
    if (status === 0) passed++
    else failed++
    return status === 0 ? 'passed' : `FAILED (exit status ${status})`
  })

/** Suites that were skipped say why in their title. */
const skippedSuites = (report) =>
  new Set(
    report.testResults
      .flatMap((file) => file.assertionResults)
      .filter((test) => test.status === 'pending' || test.status === 'skipped' || test.status === 'todo')
      .map((test) => test.ancestorTitles.join(' > ') || test.title),
  )

const vitest = (name, ...options) =>
  timed(name, async () => {
    const output = join(folder, `${name.replaceAll(/\W+/g, '-')}.json`)
    const status = await run([
      bin('vitest'),
      'run',
      ...options,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${output}`,
    ])
    if (!existsSync(output)) {
      failed++
      return `FAILED: no report (exit status ${status})`
    }
    const report = JSON.parse(readFileSync(output, 'utf8'))
    const skipped = report.numPendingTests + report.numTodoTests
    // A file that cannot be loaded, or an error outside any test, fails the run without a failed test.
    const brokenFiles = report.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
    ).length
    const bad = report.numFailedTests + brokenFiles
    const unexplained = status !== 0 && bad === 0 ? 1 : 0
    passed += report.numPassedTests
    failed += bad + unexplained + (inCi ? skipped : 0)
    for (const suite of skippedSuites(report)) say(`skipped: ${suite}`)
    const words = [`${report.numPassedTests} passed`]
    if (bad + unexplained > 0) words.push(`${bad + unexplained} FAILED`)
    if (skipped > 0) words.push(`${skipped} skipped${inCi ? ', which CI counts as failed' : ''}`)
    return words.join(', ')
  })

/** Debian and what descends from it, as root: installs what some tests need (a needs.json) and is not there. */
const installNeeds = async (file) => {
  const needs = JSON.parse(readFileSync(join(root, file), 'utf8'))
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
  const absent = Object.entries(needs).filter(([name, need]) =>
    need.file === undefined ? !folders.some((one) => existsSync(join(one, name))) : !existsSync(need.file),
  )
  const packages = [...new Set(absent.map(([, need]) => need.package))]
  if (packages.length === 0) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    say(`The tests would need ${packages.join(' ')}.`)
    return
  }
  say(`Installing ${packages.join(' ')}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  // Installed for the tests' own daemons in their own namespaces: no service is to start on this machine.
  const policy = '/usr/sbin/policy-rc.d'
  const mine = !existsSync(policy)
  if (mine) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await run(['apt-get', 'update', '-q'], env)
    const status = await run(['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages], env)
    if (status !== 0) say(`apt-get could not install them (exit status ${status}).`)
  } finally {
    if (mine) rmSync(policy, { force: true })
  }
}

const sourcesIn = (path) =>
  existsSync(join(root, path)) &&
  readdirSync(join(root, path), { recursive: true }).some((name) => /\.(ts|vue)$/.test(String(name)))

await check('build', [process.execPath, 'build.mjs', '--if-stale'])
if (wants('checks')) {
  await check('types of the core', [bin('tsc'), '-p', 'tsconfig.core.json'])
  await check('types', [bin('tsc'), '-p', 'tsconfig.json'])
  await check('types of the app tests', [bin('tsc'), '-p', 'tsconfig.electron.json'])
  if (sourcesIn('src-renderer'))
    await check('types of the renderer', [bin('vue-tsc'), '-p', 'tsconfig.renderer.json'])
  await check('lint', [bin('eslint'), '.'])
  await check('format', [bin('prettier'), '--check', '.'])
}
if (wants('unit')) await vitest('unit tests', '--project', 'unit', '--exclude', 'test/fuzz/**')
if (wants('renderer')) await vitest('unit tests of the window', '--project', 'renderer')
if (wants('ui')) {
  await installNeeds('test/ui/needs.json')
  await vitest('the window in a browser', '--project', 'ui')
}
// A million mutated inputs in CI, fewer where a person waits; CULVERT_FUZZ says how many.
if (inCi) process.env.CULVERT_FUZZ ??= '1000000'
if (wants('fuzz')) await vitest('mutated input', '--project', 'unit', 'test/fuzz')
if (wants('interop')) {
  await installNeeds('test/interop/lab/needs.json')
  await vitest('interoperability tests', '--project', 'interop')
}
if (wants('kernel')) {
  await installNeeds('test/kernel/lab/needs.json')
  await vitest("with a Linux kernel's IPsec", '--project', 'kernel')
}
if (wants('app')) {
  await installNeeds('test/interop/lab/needs.json')
  await installNeeds('test/electron/lab/needs.json')
  await check('package', [process.execPath, 'packaging/package.mjs', '--quick', '--linux', 'deb'])
  await vitest('the app in a real Electron', '--project', 'electron')
}

say('')
for (const line of summary) say(line)
const node = spawnSync('uname', ['-srm'], { encoding: 'utf8' }).stdout?.trim() ?? process.platform
say(`Node ${process.versions.node}, ${node}`)
say('')
say(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
