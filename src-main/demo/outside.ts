/**
 * The demonstration from outside: looks whether this machine can do it, then runs itself again as root of namespaces of its own
 * (user, network, mount, process), where everything ends with it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'
import type { Terminal } from '../cli/terminal.ts'
import { exitCodes } from '../cli/exit-codes.ts'
import type { DemoLine } from '../app/demo-lines.ts'
import { findProgram, searchPath } from './programs.ts'

interface Obstacle {
  readonly what: string
  readonly advice: string
  readonly exitCode: number
}

const isRoot = (): boolean => process.geteuid?.() === 0

const lacks = (what: string, advice: string): Obstacle => ({
  what,
  advice,
  exitCode: exitCodes.machine.number,
})
const denied = (what: string, advice: string): Obstacle => ({
  what,
  advice,
  exitCode: exitCodes.privilege.number,
})

function missingParts(): Obstacle | undefined {
  if (process.platform !== 'linux')
    return lacks(
      'The demonstration needs Linux: its networks are network namespaces.',
      'Run it in a virtual machine.',
    )
  for (const [program, source] of [
    ['ip', 'iproute2'],
    ['unshare', 'util-linux'],
    ['mount', 'mount'],
  ] as const) {
    if (!findProgram(program))
      return lacks(`The program ${program} is missing.`, `Install it: apt-get install ${source}`)
  }
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return isMissing
      ? lacks(
          '/dev/net/tun is missing: there is no TUN device.',
          'Load it (modprobe tun); for a container, start it with --device /dev/net/tun.',
        )
      : denied(
          '/dev/net/tun may not be opened by this user.',
          'Run the demonstration as root, or chmod 666 /dev/net/tun.',
        )
  }
  return undefined
}

const setting = (path: string): string => {
  try {
    return readFileSync(`/proc/sys/${path}`, 'utf8').trim()
  } catch {
    return ''
  }
}

/** What unshare is asked for; root needs no user namespace, and a masked /proc allows no process namespace. */
const ways = (): readonly (readonly string[])[] => {
  const base = isRoot() ? ['-nm'] : ['-Urnm']
  const alone = ['--pid', '--fork', '--kill-child', '--mount-proc']
  return [[...base, ...alone], base, ...(isRoot() ? [['-Urnm', ...alone], ['-Urnm']] : [])]
}

/** The first way that this machine allows, tried with everything that can be refused. */
function findWay(): readonly string[] | Obstacle {
  let complaint = ''
  for (const way of ways()) {
    const tried = spawnSync('unshare', [...way, 'mount', '-t', 'tmpfs', 'tmpfs', '/run'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: searchPath, LC_ALL: 'C' },
    })
    if (tried.status === 0) return way
    complaint ||= (tried.stderr.trim().split('\n')[0] ?? '').replace('unshare: unshare failed', 'unshare')
  }
  return namespacesDenied(complaint)
}

function namespacesDenied(complaint: string): Obstacle {
  const what = `Namespaces are denied here: ${complaint}.`
  if (setting('kernel/apparmor_restrict_unprivileged_userns') === '1')
    return denied(
      `${what} AppArmor restricts user namespaces (Ubuntu 23.10 and later).`,
      'Run it as root (sudo npm run demo), or allow them until the next boot: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0',
    )
  if (setting('kernel/unprivileged_userns_clone') === '0')
    return denied(what, 'Run it as root, or allow them: sudo sysctl kernel.unprivileged_userns_clone=1')
  if (setting('user/max_user_namespaces') === '0')
    return denied(what, 'Run it as root, or allow them: sudo sysctl user.max_user_namespaces=10000')
  return denied(
    what,
    isRoot()
      ? 'In a container, start it with --cap-add SYS_ADMIN --cap-add NET_ADMIN --device /dev/net/tun.'
      : 'Run it as root; in a container, start it with --cap-add SYS_ADMIN --device /dev/net/tun.',
  )
}

export interface OutsideOptions {
  readonly terminal: Terminal
  readonly demoPath: string
  /** For the run inside: `--keep` or `--json`. */
  readonly flags: readonly string[]
  /** Told in JSON instead of words; then the end of standard input ends it, as its reader's end does. */
  readonly tell?: (line: DemoLine) => void
}

/** Gives the exit code: 0, 10 (something is denied), 11 (something is missing), or that of the run inside. */
export async function runOutside({ terminal, demoPath, flags, tell }: OutsideOptions): Promise<number> {
  const way = missingParts() ?? findWay()
  if ('what' in way) {
    if (tell !== undefined) tell({ kind: 'unavailable', reason: way.what, advice: way.advice })
    else {
      terminal.err(`${terminal.tintErr('bad', '✗')} ${terminal.tintErr('strong', way.what)}`)
      terminal.err(`  ${way.advice}`)
    }
    return way.exitCode
  }
  const child = spawn('unshare', [...way, process.execPath, demoPath, '--inside', ...flags], {
    stdio: [tell === undefined ? 'inherit' : 'ignore', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, PATH: searchPath },
  })
  // Its other end sees the pipe close, however we end, and then takes everything down.
  const line = child.stdio[3]
  const pipe = isWritable(line) ? line : undefined
  pipe?.on('error', () => undefined)
  if (child.pid !== undefined) {
    pipe?.write(`${entranceFor(child.pid, way)}\n`)
    tell?.({ kind: 'entered', root: `/proc/${child.pid}/root` })
  }
  const stop = (): void => void pipe?.end()
  if (tell !== undefined) process.stdin.resume().once('end', stop).once('error', stop)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  return new Promise((resolve) => {
    child.once('error', () => resolve(exitCodes.internal.number))
    child.once('close', (code) => resolve(code ?? exitCodes.internal.number))
  })
}

const isWritable = (stream: unknown): stream is Writable =>
  typeof stream === 'object' && stream !== null && 'write' in stream

/** The command that enters the client's network from another terminal of the same user. */
function entranceFor(unsharePid: number, way: readonly string[]): string {
  const namespaces = way[0]?.includes('U') === true ? '-U --preserve-credentials -n -m' : '-n -m'
  const target = way.includes('--fork') ? `$(pgrep -P ${unsharePid})` : String(unsharePid)
  return `nsenter -t ${target} ${namespaces} ip netns exec client`
}
