import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { sampleProfile } from '../profiles/sample-profile.ts'

let root: string
let entry: string
const started = new Set<ChildProcess>()

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'culvert-process-'))
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'fake-culvert.ts'),
    platform: 'node',
    external: [/^node:/, 'koffi'],
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
    logLevel: 'silent',
  })
  await bundle.write({
    dir: join(root, 'dist'),
    format: 'esm',
    entryFileNames: 'fake.mjs',
    chunkFileNames: '[name].mjs',
  })
  await bundle.close()
  entry = join(root, 'dist', 'fake.mjs')
  const directory = join(root, 'config/culvert/profiles')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, `${sampleProfile().id}.json`), JSON.stringify(sampleProfile()))
  writeFileSync(join(root, 'pw'), 'hunter2\n', { mode: 0o600 })
}, 30_000)

afterEach(async () => {
  await culvert(['down']).ended
  for (const child of started) child.kill('SIGKILL')
  started.clear()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

interface Run {
  readonly child: ChildProcess
  readonly ended: Promise<number | string>
  out(): string
  err(): string
}

function culvert(
  argv: readonly string[],
  options: { readonly input?: string; readonly environment?: Record<string, string> } = {},
): Run {
  const child = spawn(process.execPath, [entry, ...argv], {
    env: {
      PATH: process.env['PATH'],
      HOME: root,
      XDG_CONFIG_HOME: join(root, 'config'),
      XDG_DATA_HOME: join(root, 'data'),
      XDG_RUNTIME_DIR: join(root, 'run'),
      ...options.environment,
    },
    stdio: 'pipe',
  })
  started.add(child)
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  child.stdin.end(options.input ?? '')
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  return { child, ended, out: () => out, err: () => err }
}

const runtimeFiles = () =>
  existsSync(join(root, 'run/culvert')) ? readdirSync(join(root, 'run/culvert')) : []
const sockets = () => runtimeFiles().filter((name) => name.endsWith('.sock'))
const commandLineOf = (socket: string) =>
  readFileSync(`/proc/${/\d+/.exec(socket)?.[0] ?? ''}/cmdline`, 'utf8')
const environmentOf = (socket: string) =>
  readFileSync(`/proc/${/\d+/.exec(socket)?.[0] ?? ''}/environ`, 'utf8')

describe('culvert as a process', () => {
  it.each([
    ['SIGINT', 0],
    ['SIGTERM', 0],
    ['SIGHUP', 0],
  ] as const)('disconnects cleanly on %s and leaves no socket', async (signal, code) => {
    const up = culvert(['up', 'Office', '--password-file', '-'], { input: 'hunter2\n' })
    await vi.waitFor(() => expect(up.out()).toContain('Connected to Office'), 8000)
    expect(sockets()).toHaveLength(1)
    up.child.kill(signal)
    expect(await up.ended).toBe(code)
    expect(up.out()).toMatch(/Disconnected\.\n$/)
    expect(sockets()).toEqual([])
  })

  it('ends hard at the second Ctrl-C, when disconnecting hangs', async () => {
    const up = culvert(['up', 'Office', '--password-file', join(root, 'pw')], {
      environment: { FAKE_HANGS: 'true' },
    })
    await vi.waitFor(() => expect(up.out()).toContain('Connected to Office'), 8000)
    up.child.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 100))
    up.child.kill('SIGINT')
    expect(await up.ended).toBe(130)
    expect(await culvert(['status']).ended).toBe(0)
    expect(sockets()).toEqual([])
  })

  it('returns once connected with --detach, and stays connected; no secret is seen in its process', async () => {
    const up = culvert(['up', 'Office', '--detach', '--json', '--password-file', '-'], { input: 'hunter2\n' })
    expect(await up.ended).toBe(0)
    const states = up
      .out()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { state: string }).state)
    expect(states.at(-1)).toBe('connected')
    const [socket = ''] = sockets()
    expect(commandLineOf(socket) + environmentOf(socket)).not.toContain('hunter2')
    const status = culvert(['status'])
    expect(await status.ended).toBe(0)
    expect(status.out()).toMatch(/^Office {2}connected/)
    expect(await culvert(['down', 'Office']).ended).toBe(0)
    await vi.waitFor(() => expect(sockets()).toEqual([]), 4000)
  })

  it('gives the exit code of what went wrong in the background', async () => {
    const up = culvert(['up', 'Office', '--detach', '--password-file', '-'], { input: 'guess\n' })
    expect(await up.ended).toBe(7)
    expect(up.err()).toContain("didn't accept this password")
    const nobody = culvert(['up', 'Office', '--detach'])
    expect(await nobody.ended).toBe(4)
    await vi.waitFor(() => expect(sockets()).toEqual([]), 4000)
  })

  it('gives up in the background when the command in front is killed before it is connected', async () => {
    const up = culvert(['up', 'Office', '--detach', '--password-file', '-'], {
      input: 'hunter2\n',
      environment: { FAKE_NEVER: 'true' },
    })
    await vi.waitFor(() => expect(sockets()).toHaveLength(1), 8000)
    up.child.kill('SIGKILL')
    expect(await up.ended).toBe('SIGKILL')
    await vi.waitFor(() => expect(sockets()).toEqual([]), 4000)
  })

  it('ends quietly when its reader leaves', async () => {
    const help = spawn('sh', ['-c', `${process.execPath} ${entry} --help | true`], { stdio: 'pipe' })
    let err = ''
    help.stderr.on('data', (chunk) => (err += String(chunk)))
    await new Promise((resolve) => help.once('close', resolve))
    expect(err).toBe('')
  })
})
