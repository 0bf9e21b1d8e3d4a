/** Signing in with a key that never leaves its token: SoftHSM as the token, strongSwan as the gateway. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCulvert } from './lab/culvert.ts'
import type { Culvert } from './lab/culvert.ts'
import { openLab } from './lab/lab.ts'
import type { Lab } from './lab/lab.ts'
import { whyNot } from './lab/machine.ts'
import type { CertificateName } from './lab/pki.ts'
import type { Scenario } from './lab/scenario.ts'
import { runScenario } from './run-scenario.ts'

const tools = ['/usr/bin/softhsm2-util', '/usr/bin/pkcs11-tool'].every(existsSync)
const missing = tools ? whyNot() : 'there is no token: apt-get install softhsm2 opensc'

describe.skipIf(missing !== undefined)(`a token${missing === undefined ? '' : ` (${missing})`}`, () => {
  let lab: Lab
  let client: Culvert
  const folder = mkdtempSync(join(tmpdir(), 'culvert-token-'))
  const before = process.env['SOFTHSM2_CONF']
  const write = (name: string, content: string): string => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
  const run = (...argv: readonly string[]): void => {
    const [program = '', ...rest] = argv
    execFileSync(program, rest, { cwd: folder, stdio: 'pipe' })
  }
  const put = async (name: CertificateName, id: string): Promise<void> => {
    const { pem, keyPem } = await lab.pki.get(name)
    const [key, certificate] = [write('key.pem', keyPem), write('own.pem', pem)]
    run('openssl', 'x509', '-in', certificate, '-outform', 'DER', '-out', 'own.der')
    run(
      ...['softhsm2-util', '--import', key, '--token', 'card', '--label', name, '--id', id, '--pin', '4711'],
    )
    const module = [
      '--module',
      '/usr/lib/softhsm/libsofthsm2.so',
      '--token-label',
      'card',
      '-l',
      '-p',
      '4711',
    ]
    run('pkcs11-tool', ...module, '-w', 'own.der', '-y', 'cert', '-a', name, '-d', id)
    rmSync(key)
  }
  beforeAll(async () => {
    mkdirSync(join(folder, 'tokens'))
    process.env['SOFTHSM2_CONF'] = write(
      'softhsm2.conf',
      `directories.tokendir = ${join(folder, 'tokens')}\n`,
    )
    lab = await openLab()
    client = createCulvert(lab)
    run('softhsm2-util', '--init-token', '--free', '--label', 'card', '--so-pin', '12345678', '--pin', '4711')
    await put('user-rsa-2048', '01')
    await put('user-ecdsa-p256', '02')
  })
  afterAll(async () => {
    await lab.close()
    rmSync(folder, { recursive: true })
    if (before === undefined) delete process.env['SOFTHSM2_CONF']
    else process.env['SOFTHSM2_CONF'] = before
  })

  const scenario = (certificate: CertificateName, pin: string, outcome: Scenario['outcome']): Scenario => ({
    name: `token ${certificate}`,
    gateway: {
      proves: { method: 'certificate', certificate: 'gateway-ecdsa-p256' },
      asks: { method: 'certificate', certificate },
    },
    client: {
      profile: {
        local: {
          authentication: {
            method: 'certificate',
            certificates: [],
            key: { from: 'file', path: `pkcs11:token=card;object=${certificate}` },
            keyPassword: { from: 'file', path: write('pin', `${pin}\n`) },
          },
        },
      },
    },
    outcome,
  })

  it.each(['user-rsa-2048', 'user-ecdsa-p256'] as const)('signs with %s', async (certificate) => {
    await runScenario(lab, client, scenario(certificate, '4711', { kind: 'connected' }))
  })

  it('says that the PIN is wrong', async () => {
    await runScenario(
      lab,
      client,
      scenario('user-rsa-2048', '0000', { kind: 'failed', code: 'profile-invalid' }),
    )
  })

  it('is shown with what a profile calls its certificates', async () => {
    const shown = await client.command('certificates', 'tokens')
    expect(shown.stdout).toMatch(/card .*CN=rsa@example\.test .*pkcs11:token=card;id=%01/)
  })
})
