/**
 * A machine to install the package on: this one's files as they are, with everything that is written kept apart and thrown away
 * (overlayfs), in a mount namespace of its own, with a system bus and polkit. What a package leaves behind can be listed.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must, run } from '../../interop/lab/processes.ts'
import type { Finished } from '../../interop/lab/processes.ts'
import { ended } from './display.ts'

export interface Machine {
  /** The network namespace that its programs run in. */
  readonly namespace: string
  /** Brings a file in, to /tmp. */
  bring(file: string, name: string): void
  /** How a program is started there, as root or as a user. */
  command(argv: readonly string[], user?: string): readonly string[]
  run(argv: readonly string[], user?: string, input?: string): Promise<Finished>
  /** Paths below /etc, /opt, /usr and /var that differ from the machine underneath. */
  changes(): readonly string[]
  close(): Promise<void>
}

/** Runs in a mount namespace of its own: makes the overlay the root of it and stays. */
const holder = `
set -e
mount -t tmpfs -o size=2g,mode=755 tmpfs "$1"
cd "$1"
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
mount --rbind /dev root/dev
mount -t proc proc root/proc
mount -t sysfs sysfs root/sys
mount -t tmpfs -o mode=755 tmpfs root/run
mount -t tmpfs -o mode=1777 tmpfs root/tmp
mkdir -p root/run/dbus root/run/lock root/tmp/.X11-unix root/mnt/upper
mount --bind /tmp/.X11-unix root/tmp/.X11-unix
mount --bind upper root/mnt/upper
printf '#!/bin/sh\\nexit 101\\n' > root/usr/sbin/policy-rc.d
chmod 755 root/usr/sbin/policy-rc.d
cd root
mkdir -p mnt/old
pivot_root . mnt/old
umount -l /mnt/old
dbus-daemon --system --nofork --nopidfile &
sleep 0.5
/usr/lib/polkit-1/polkitd --no-debug >/tmp/polkitd.log 2>&1 &
echo ready
wait
`

export const openMachine = async (namespace: string): Promise<Machine> => {
  const folder = mkdtempSync(join(tmpdir(), 'culvert-machine-'))
  mkdirSync('/tmp/.X11-unix', { recursive: true })
  const child: ChildProcess = spawn(
    'nsenter',
    [
      `--net=/run/netns/${namespace}`,
      'unshare',
      '--mount',
      '--propagation',
      'private',
      '--pid',
      '--fork',
      '--kill-child',
      'sh',
      '-c',
      holder,
      'sh',
      folder,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text))
  await new Promise<void>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('ready')) resolve()
    })
    child.once('exit', () => reject(new Error(`no machine to install on: ${errors}`)))
  })
  // unshare forked the holder: its child is the first process of the machine.
  const first = execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' }).trim()
  const enter = [
    'nsenter',
    '-t',
    first,
    '--mount',
    '--pid',
    '--root',
    `--net=/run/netns/${namespace}`,
    // The folder that we are in is not there.
    ...['env', '--chdir=/'],
  ]
  const command = (argv: readonly string[], user?: string): readonly string[] =>
    user === undefined ? [...enter, ...argv] : [...enter, 'runuser', '-u', user, '--', ...argv]
  const inside = join('/proc', first, 'root')

  const changes = (): readonly string[] => {
    const upper = join(inside, 'mnt/upper')
    const walk = (path: string): readonly string[] =>
      readdirSync(join(upper, path), { withFileTypes: true }).flatMap((entry) => {
        const name = `${path}/${entry.name}`
        return entry.isDirectory() ? walk(name) : [name]
      })
    return ['etc', 'opt', 'usr', 'var', 'home', 'root'].flatMap((top) => {
      try {
        return walk(top).map((path) => `/${path}`)
      } catch {
        // Nothing below it was touched.
        return []
      }
    })
  }
  return {
    namespace,
    bring: (file, name) => cpSync(file, join(inside, 'tmp', name)),
    command,
    run: (argv, user, input) =>
      run(command(argv, user), { timeoutMs: 120_000, ...(input === undefined ? {} : { input }) }),
    changes,
    async close() {
      child.kill('SIGKILL')
      await ended(child)
      await must(['rm', '-rf', folder])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
