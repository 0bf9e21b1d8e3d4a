/**
 * Nothing secret is left behind or shown: whole runs with every way to sign in, then a search for each secret in all that there
 * is: files, logs, what other processes may ask for, command lines, environments.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectToAll } from '../../src-main/app/control-sockets.ts'
import { createCulvert } from './lab/culvert.ts'
import type { Culvert } from './lab/culvert.ts'
import { sharedSecret, userPassword } from './lab/defaults.ts'
import { openLab } from './lab/lab.ts'
import type { Lab } from './lab/lab.ts'
import { whyNot } from './lab/machine.ts'
import type { Scenario } from './lab/scenario.ts'
import { findSecrets, formsOf, pemLines } from './lab/secret-search.ts'
import { scenarios } from './scenarios/all.ts'

const missing = whyNot()

/** One of each way to sign in; those of eap.ts need FreeRADIUS, where it is not there they are left out. */
const wanted = [
  'psk',
  'certificates rsa 2048',
  'eap-mschapv2',
  'eap-gtc',
  'eap-tls',
  'eap-ttls with eap-mschapv2',
  'certificate, then eap-mschapv2',
  'ikev1: xauth with a pre-shared key',
  'ikev1: hybrid: the gateway by certificate, the user by xauth',
]
const wrongPassword = 'the wrong one, 7f3a'
const failing = scenarios.filter(({ name }) => name === 'wrong password with mschapv2')
const chosen = scenarios.filter(({ name }) => wanted.includes(name))

const p12Password = 'nobody guesses this container, 51c0'

describe.skipIf(missing !== undefined)(`secrets${missing === undefined ? '' : ` (${missing})`}`, () => {
  let lab: Lab
  let client: Culvert
  let home: string
  beforeAll(async () => {
    lab = await openLab()
    client = createCulvert(lab)
    home = join(lab.folder, 'culvert')
  })
  afterAll(() => lab.close())

  /** Command lines and environments of our programs; everybody may read the first. */
  const processes = (): (readonly [string, Buffer])[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        try {
          const line = readFileSync(`/proc/${pid}/cmdline`)
          if (!/cli\.js|helper\.js/.test(line.toString())) return []
          return [
            [`the command line of ${pid}`, line] as const,
            [`the environment of ${pid}`, readFileSync(`/proc/${pid}/environ`)] as const,
          ]
        } catch {
          // It has just ended.
          return []
        }
      })

  /** All files but those that the scenario itself gave as input. */
  const files = (): (readonly [string, Buffer])[] =>
    readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join(home, 'profile')))
      .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name))])

  /** What other processes of this user are told over the control socket. */
  const slices = async (): Promise<(readonly [string, Buffer])[]> => {
    const clients = await connectToAll(join(home, 'run', 'culvert'))
    const told: (readonly [string, Buffer])[] = []
    for (const one of clients) {
      for (const name of ['connections', 'log', 'exchanges'] as const)
        told.push([`the slice ${name}`, Buffer.from(JSON.stringify(await one.snapshot(name)))])
      one.close()
    }
    return told
  }

  const gather = async (): Promise<Map<string, Buffer>> => {
    const running = client.process()
    const status = await client.command('status', '--json')
    const log = await client.command('log', '--json')
    return new Map([
      ...files(),
      ...processes(),
      ...(await slices()),
      ['what up wrote', Buffer.from([...(running?.lines ?? []), ...(running?.errors ?? [])].join('\n'))],
      ['status', Buffer.from(status.stdout + status.stderr)],
      ['log', Buffer.from(log.stdout + log.stderr)],
    ])
  }

  const secretsOf = async (scenario: Scenario): Promise<Record<string, string>> => {
    const proves = scenario.client?.proves ?? scenario.gateway?.asks
    const key =
      proves?.method === 'certificate' || proves?.method === 'eap-tls'
        ? (await lab.pki.get(proves.certificate)).keyPem
        : undefined
    return {
      'the pre-shared key': sharedSecret,
      'the password': userPassword,
      ...(proves?.method === 'eap' ? { 'the password of the client': proves.password } : {}),
      ...(key === undefined ? {} : pemLines('the private key', key)),
    }
  }

  it('would find them: the search knows its forms', () => {
    const secret = 'pässwörd "1"/+'
    for (const form of formsOf(secret)) {
      const planted = new Map([['a file', Buffer.concat([Buffer.from('x'), form, Buffer.from('y')])]])
      expect(findSecrets(planted, { it: secret })).toEqual(['it in a file'])
    }
    expect(findSecrets(new Map([['a file', Buffer.from('nothing')]]), { it: secret })).toEqual([])
  })

  it.each(chosen.map((one) => [one.name, one] as const))('are nowhere: %s', async (_name, scenario) => {
    await lab.prepare(scenario)
    try {
      const attempt = await client.connect(scenario)
      const during = await gather()
      // There was something to look at.
      expect([...during.keys()]).toContain(client.logFile)
      expect(during.get('log')?.toString()).toContain(JSON.stringify(scenario.name))
      if (attempt.kind === 'connected') {
        expect([...during.keys()]).toEqual(expect.arrayContaining(['the slice exchanges', 'the slice log']))
        expect([...during.keys()].some((place) => place.startsWith('the command line'))).toBe(true)
      }
      expect(attempt.kind).toBe(scenario.outcome.kind)
      const secrets = await secretsOf(scenario)
      expect(findSecrets(during, secrets)).toEqual([])
      if (attempt.kind === 'connected') await attempt.session.disconnect()
      expect(findSecrets(await gather(), secrets)).toEqual([])
    } finally {
      await client.close()
    }
  })

  it('are nowhere: imported profiles, kept certificates, exported bundles', async () => {
    const input = mkdtempSync(join(tmpdir(), 'culvert-secrets-'))
    try {
      const { pem, keyPem } = await lab.pki.get('user-ecdsa-p256')
      const write = (name: string, content: string | Uint8Array): string => {
        const path = join(input, name)
        writeFileSync(path, content, { mode: 0o600 })
        return path
      }
      const both = write('both.pem', `${pem}${keyPem}`)
      const p12 = join(input, 'user.p12')
      execFileSync('openssl', [
        'pkcs12',
        '-export',
        '-in',
        both,
        '-out',
        p12,
        '-passout',
        `pass:${p12Password}`,
      ])
      const passwordFile = write('p12-password', `${p12Password}\n`)
      const bundlePassword = 'one for the bundle, 90ab'
      const bundleFile = write('bundle-password', `${bundlePassword}\n`)
      const command = async (...words: readonly string[]) => {
        const done = await client.command(...words)
        expect(done.status, `${words.join(' ')}: ${done.stderr}`).toBe(0)
        return done.stdout + done.stderr
      }
      const shown: string[] = []
      shown.push(
        await command('certificates', 'add', p12, '--name', 'Maria', '--password-file', passwordFile),
      )
      shown.push(
        await command('certificates', 'list', '--json'),
        await command('certificates', 'show', 'Maria'),
      )
      const id = /certificate:([\da-f-]{36})/.exec(shown[0] ?? '')?.[1] ?? ''
      const profile = {
        version: 1,
        id: '3f1b2c3d-0000-4000-8000-000000000001',
        name: 'Kept',
        gateway: { address: '198.51.100.2' },
        ikeVersion: 2,
        local: {
          authentication: {
            method: 'certificate',
            certificates: [],
            key: { from: 'store', id: `certificate:${id}` },
            keyPassword: { from: 'file', path: passwordFile },
          },
        },
        remote: {
          authentication: {
            method: 'psk',
            secret: { from: 'file', path: write('psk', `${sharedSecret}\n`) },
          },
        },
      }
      shown.push(await command('import', write('kept.json', JSON.stringify(profile))))
      shown.push(await command('show', 'Kept', '--json'), await command('list', '--json'))
      for (const format of ['culvert', 'swanctl', 'link'])
        shown.push(await command('export', 'Kept', '--format', format))
      const bundle = join(home, 'bundle.culvert')
      mkdirSync(home, { recursive: true })
      shown.push(
        await command('export', 'Kept', '--with-secrets', '--password-file', bundleFile, '--output', bundle),
      )
      expect(existsSync(bundle)).toBe(true)
      const artefacts = await gather()
      artefacts.set('what commands showed', Buffer.from(shown.join('\n')))
      expect(
        findSecrets(artefacts, {
          'the password of the container': p12Password,
          'the password of the bundle': bundlePassword,
          'the pre-shared key': sharedSecret,
          ...pemLines('the private key', keyPem),
        }),
      ).toEqual([])
    } finally {
      rmSync(input, { recursive: true, force: true })
    }
  })

  it('are nowhere after a wrong password either', async () => {
    const [scenario] = failing
    if (scenario === undefined) throw new Error('no scenario with a wrong password')
    const proves = scenario.client?.proves
    if (proves?.method !== 'eap') throw new Error('no password')
    const changed: Scenario = {
      ...scenario,
      client: { ...scenario.client, proves: { ...proves, password: wrongPassword } },
    }
    await lab.prepare(changed)
    try {
      expect((await client.connect(changed)).kind).toBe('failed')
      expect(findSecrets(await gather(), { 'the wrong password': wrongPassword })).toEqual([])
    } finally {
      await client.close()
    }
  })
})
