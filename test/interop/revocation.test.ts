/** Culvert and a strongSwan gateway whose certificate says where to ask about revocation; OpenSSL answers. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { userPassword, userName } from './lab/defaults.ts'
import { createCulvert } from './lab/culvert.ts'
import type { Culvert } from './lab/culvert.ts'
import { openLab } from './lab/lab.ts'
import type { Lab } from './lab/lab.ts'
import { whyNot } from './lab/machine.ts'
import type { CertificateName } from './lab/pki.ts'
import { startRevocationAnswers } from './lab/revocation.ts'
import type { RevocationAnswers } from './lab/revocation.ts'
import type { Outcome, Scenario } from './lab/scenario.ts'
import { runScenario } from './run-scenario.ts'

const missing = whyNot()

const scenario = (
  name: string,
  certificate: CertificateName,
  revocation: 'strict' | 'when-reachable' | 'off',
  outcome: Outcome,
): Scenario => ({
  name,
  gateway: {
    proves: { method: 'certificate', certificate },
    asks: { method: 'eap', eap: 'mschapv2', username: userName, password: userPassword },
  },
  client: { revocation },
  outcome,
})
const connected: Outcome = { kind: 'connected' }
const failed = (code: 'certificate-revoked' | 'certificate-revocation-unknown'): Outcome => ({
  kind: 'failed',
  code,
  // RFC 7296 section 2.16: neither name nor password leaves before.
  gatewayLogNever: [/EAP-Identity response|received EAP identity|EAP\/RES\/ID/],
})

const scenarios: readonly Scenario[] = [
  scenario('OCSP says good', 'gateway-ocsp-good', 'strict', connected),
  scenario('OCSP says revoked', 'gateway-ocsp-revoked', 'when-reachable', failed('certificate-revoked')),
  scenario('OCSP says revoked, and nobody asks', 'gateway-ocsp-revoked', 'off', connected),
  scenario('the list does not name it', 'gateway-list-good', 'strict', connected),
  scenario('the list names it', 'gateway-list-revoked', 'when-reachable', failed('certificate-revoked')),
  scenario('nobody answers', 'gateway-ocsp-silent', 'when-reachable', connected),
  scenario(
    'nobody answers, strictly',
    'gateway-ocsp-silent',
    'strict',
    failed('certificate-revocation-unknown'),
  ),
  scenario(
    'no place is named, strictly',
    'gateway-ecdsa-p256',
    'strict',
    failed('certificate-revocation-unknown'),
  ),
]

describe.skipIf(missing !== undefined)(`revocation${missing === undefined ? '' : ` (${missing})`}`, () => {
  let lab: Lab
  let answers: RevocationAnswers | undefined
  let client: Culvert
  beforeAll(async () => {
    lab = await openLab()
    answers = await startRevocationAnswers(
      lab,
      ['gateway-ocsp-good', 'gateway-list-good'],
      ['gateway-ocsp-revoked', 'gateway-list-revoked'],
    )
    client = createCulvert(lab)
  })
  afterAll(async () => {
    await answers?.close()
    await lab.close()
  })
  beforeEach(() => rmSync(join(lab.folder, 'culvert', 'cache'), { recursive: true, force: true }))

  it.each(scenarios.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    await runScenario(lab, client, one)
  })

  it('remembers what was said, for when nobody can be asked', async () => {
    const strict = scenario('OCSP says good', 'gateway-ocsp-good', 'strict', connected)
    await runScenario(lab, client, strict)
    const locked = createCulvert(lab, { words: ['--kill-switch'] })
    await runScenario(lab, locked, strict)
    await locked.command('release')
  })

  it('asks nobody past the kill switch: strictly it fails at once and says so, else it connects', async () => {
    // The block stays after a failure, as it should.
    const locked = { ...createCulvert(lab, { words: ['--kill-switch'] }), restores: false }
    const started = performance.now()
    await runScenario(
      lab,
      locked,
      scenario('locked in', 'gateway-ocsp-good', 'strict', failed('certificate-revocation-unknown')),
    )
    expect(performance.now() - started).toBeLessThan(15_000)
    await runScenario(lab, locked, scenario('locked in', 'gateway-ocsp-good', 'when-reachable', connected))
    await locked.command('release')
    expect((await locked.command('log')).stdout).toMatch(/Nobody could say whether a certificate is revoked/)
  })
})
