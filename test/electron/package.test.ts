/**
 * The .deb as a person gets it: installed on a machine that is thrown away, started and connected by an ordinary user through polkit,
 * upgraded, purged. `npm run package` makes it first.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLab } from '../interop/lab/lab.ts'
import type { Lab } from '../interop/lab/lab.ts'
import { writeCulvertProfile } from '../interop/lab/culvert-profile.ts'
import { whyNot } from '../interop/lab/machine.ts'
import { addresses } from '../interop/lab/network.ts'
import { run, start, until } from '../interop/lab/processes.ts'
import type { Running } from '../interop/lab/processes.ts'
import { repositoryRoot } from '../interop/lab/repository.ts'
import { snapshot } from '../interop/lab/snapshot.ts'
import type { Scenario } from '../interop/lab/scenario.ts'
import { openDisplay } from './lab/display.ts'
import type { Display } from './lab/display.ts'
import { openMachine } from './lab/installed.ts'
import type { Machine } from './lab/installed.ts'
import { has } from './lab/needs.ts'

const release = join(repositoryRoot, 'release')
const deb = existsSync(release) ? readdirSync(release).find((name) => name.endsWith('_amd64.deb')) : undefined
const programs = [
  'Xvfb',
  'dbus-daemon',
  'pkttyagent',
  'pkexec',
  'dpkg-deb',
  'script',
  'xwininfo',
  'desktop-file-validate',
]
const absent = programs.filter((program) => !has(program))
const missing =
  whyNot() ??
  (absent.length > 0 ? `needs ${absent.join(', ')}` : undefined) ??
  (deb === undefined ? 'needs `npm run package`' : undefined)

const user = 'culvert-tester'
const password = 'a password of the tester'
const scenario: Scenario = { name: 'installed', outcome: { kind: 'connected' } }

describe.skipIf(missing !== undefined)(
  `the installed package${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let lab: Lab
    let display: Display
    let machine: Machine
    beforeAll(async () => {
      lab = await openLab()
      await lab.prepare(scenario)
      display = await openDisplay()
      machine = await openMachine(lab.network.client)
      machine.bring(join(release, deb ?? ''), 'culvert.deb')
      const folder = join(lab.folder, 'installed')
      await writeCulvertProfile(scenario, lab.pki, folder)
      expect((await machine.run(['useradd', '--create-home', '--groups', 'sudo', user])).status).toBe(0)
      const set = await machine.run(['chpasswd'], undefined, `${user}:${password}\n`)
      expect(set.status, set.stderr).toBe(0)
      for (const name of readdirSync(folder)) machine.bring(join(folder, name), name)
      await machine.run(['sh', '-c', `chown -R ${user} /tmp/profile.json /tmp/psk /tmp/gateway-psk`])
      await machine.run(['sed', '-i', `s,${folder},/tmp,g`, '/tmp/profile.json'])
    })
    afterAll(async () => {
      await machine.close()
      await display.close()
      await lab.close()
    })

    const environment = (): readonly string[] => [
      'env',
      '-i',
      'PATH=/usr/bin:/bin',
      'LANG=C.UTF-8',
      `HOME=/home/${user}`,
      `DISPLAY=${display.env['DISPLAY'] ?? ''}`,
    ]
    const asUser = (...argv: readonly string[]): readonly string[] =>
      machine.command([...environment(), ...argv], user)

    /** Answers polkit's question about a process with the user's password, as an agent of the desktop does. */
    const agentFor = async (pid: string): Promise<Running> => {
      const agent = start(
        machine.command(
          ['script', '--quiet', '--return', '--command', `pkttyagent --process ${pid}`, '/dev/null'],
          user,
        ),
      )
      const said = (): string => [...agent.lines, ...agent.errors].join('\n')
      void until(
        'the password to be taken',
        () => {
          if (said().includes('AUTHENTICATION COMPLETE')) return true
          // What is typed before the agent has turned off the echo is thrown away: it is typed again.
          if (said().includes('AUTHENTICATING')) agent.write(`${password}\n`)
          return undefined
        },
        60_000,
        2_000,
      ).catch(() => undefined)
      // It says nothing once it has registered.
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      return agent
    }
    /** The process of that name as the machine itself numbers it. */
    const pidOf = (pattern: string): Promise<string> =>
      until(`a process ${pattern}`, async () => {
        const found = (
          await machine.run(['pgrep', '--oldest', '--full', '--euid', user, '--', pattern])
        ).stdout.trim()
        return found === '' ? undefined : found
      })
    const host = () => snapshot(lab.network.client)

    let installed: readonly string[] = []
    it('installs without complaint, all of it root-owned', async () => {
      const before = new Set(machine.changes())
      const done = await machine.run(['dpkg', '--install', '/tmp/culvert.deb'])
      expect(done.status, done.stderr).toBe(0)
      installed = machine.changes().filter((path) => !before.has(path))
      const listed = (await machine.run(['dpkg', '--listfiles', 'culvert'])).stdout.trim().split('\n')
      expect(listed).toContain('/usr/share/polkit-1/actions/org.culvert.helper.policy')
      const owners = await machine.run([
        'sh',
        '-c',
        'find /opt/Culvert ! -user root -o ! -group root -o -perm /022 ! -type l',
      ])
      expect(owners.stdout).toBe('')
      const entry = await machine.run([
        'desktop-file-validate',
        '/usr/share/applications/culvert-desktop.desktop',
      ])
      expect(entry.stdout + entry.stderr).toBe('')
    })

    it("has polkit's action, the link scheme and the file types", async () => {
      const action = await machine.run(['pkaction', '--verbose', '--action-id', 'org.culvert.helper'])
      expect(action.stdout).toContain(
        'org.freedesktop.policykit.exec.path -> /opt/Culvert/resources/culvert-helper',
      )
      expect(action.stdout).toMatch(/implicit active:\s+auth_admin_keep/)
      const ask = async (...argv: readonly string[]) => (await machine.run(argv)).stdout.trim()
      expect(await ask('xdg-mime', 'query', 'default', 'x-scheme-handler/culvert')).toBe(
        'culvert-desktop.desktop',
      )
      await machine.run(['sh', '-c', 'echo {} > /tmp/office.sswan'])
      const type = await ask('gio', 'info', '--attributes', 'standard::content-type', '/tmp/office.sswan')
      expect(type).toContain('standard::content-type: application/vnd.strongswan.profile')
    })

    it('refuses to connect without leave', async () => {
      const before = await host()
      const ended = await run([...asUser('culvert', 'up', '/tmp/profile.json', '--json')], {
        timeoutMs: 30_000,
      })
      expect(ended.stdout).toContain('"no-privilege"')
      expect(await host()).toEqual(before)
    })

    it('connects for an ordinary user who gives leave, and puts everything back', async () => {
      const before = await host()
      // The agent must know the process before it asks: it waits for a line.
      const shell = start([
        ...asUser('sh', '-c', 'read go; exec culvert up /tmp/profile.json --json # the terminal'),
      ])
      const agent = await agentFor(await pidOf('# the terminal$'))
      shell.write('go\n')
      try {
        await until(
          'to be connected',
          () => (shell.lines.some((line) => line.includes('"connected"')) ? true : undefined),
          40_000,
        )
        const ping = await lab.probe.ping(addresses.office.ipv4)
        expect(ping.received, ping.text).toBe(1)
        const helper = await machine.run([
          'pgrep',
          '--full',
          '--list-full',
          '--euid',
          'root',
          'dist/helper.js',
        ])
        expect(helper.stdout).toContain('/opt/Culvert/resources/app.asar.unpacked/dist/helper.js')
        const up = await machine.run(['pgrep', '--full', '--euid', user, 'cli.js up'])
        expect(up.status, 'the client itself runs as the user').toBe(0)
      } finally {
        await run([...machine.command(['pkill', '--full', '--euid', user, '--signal', 'INT', 'cli.js up'])])
        await shell.ended
        await machine.run(['pkill', '--full', 'pkttyagent'])
        await agent.ended
      }
      expect(shell.errors.join('\n')).not.toContain('internal')
      expect(await host()).toEqual(before)
    })

    it('starts as an ordinary user, in Chromium’s sandbox, and shows its window', async () => {
      const app = start([...asUser('culvert-desktop')])
      try {
        await until(
          `the window: ${app.errors.join('\n')}`,
          async () => {
            const tree = await run(['xwininfo', '-root', '-tree'], { env: { ...display.env } })
            return /"Culvert"/.test(tree.stdout) ? true : undefined
          },
          30_000,
        )
        const renderer = await pidOf('--type=renderer')
        const status = await machine.run(['sh', '-c', `cat /proc/${renderer}/status`])
        expect(status.stdout).toMatch(/^Seccomp:\s+2$/m)
        expect(status.stdout).toMatch(/^NoNewPrivs:\s+1$/m)
        expect(
          (await machine.run(['sh', '-c', 'tr "\\0" " " < /proc/$(pgrep -ox culvert-desktop)/cmdline']))
            .stdout,
        ).not.toContain('no-sandbox')
      } finally {
        // The main process is the oldest of that name; the others go with it.
        await machine.run(['pkill', '--oldest', '--euid', user, '--exact', 'culvert-desktop'])
        await app.ended
      }
    })

    it('is upgraded', async () => {
      const folder = '/tmp/next'
      const rebuilt = await machine.run([
        ...['sh', '-c'],
        `set -e; dpkg-deb -R /tmp/culvert.deb ${folder}; sed -i 's/^Version: .*/&.1/' ${folder}/DEBIAN/control; dpkg-deb --root-owner-group -Znone -b ${folder} /tmp/next.deb`,
      ])
      expect(rebuilt.status, rebuilt.stderr).toBe(0)
      const done = await machine.run(['dpkg', '--install', '/tmp/next.deb'])
      expect(done.status, done.stderr).toBe(0)
      expect(
        (await machine.run(['dpkg-query', '--show', '--showformat=${Version}', 'culvert'])).stdout,
      ).toMatch(/\.1$/)
      expect((await machine.run([...environment(), 'culvert', '--version'], user)).status).toBe(0)
      expect((await machine.run(['readlink', '/usr/bin/culvert-desktop'])).stdout.trim()).toBe(
        '/opt/Culvert/culvert-desktop',
      )
    })

    it('is purged without a trace', async () => {
      const done = await machine.run(['dpkg', '--purge', 'culvert'])
      expect(done.status, done.stderr).toBe(0)
      const left = await machine.run([
        'sh',
        '-c',
        'find /opt /usr /etc /var /run -iname "*culvert*" -not -path "*/culvert-tester*" 2>/dev/null',
      ])
      expect(left.stdout).toBe('')
      expect(installed.length).toBeGreaterThan(50)
      expect((await machine.run(['pgrep', '--full', '/opt/Culvert'])).stdout).toBe('')
    })
  },
)
