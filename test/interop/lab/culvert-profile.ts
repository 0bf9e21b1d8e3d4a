/** The scenario's client in Culvert's words: a profile and the files that hold its secrets. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Profile } from '../../../src-shared/profile.ts'
import * as v from 'valibot'
import { clientOf } from './defaults.ts'
import type { Pki } from './pki.ts'
import type { Credential, Scenario } from './scenario.ts'

/** Writes the profile into the folder and gives its path. */
export const writeCulvertProfile = async (scenario: Scenario, pki: Pki, folder: string): Promise<string> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const side = clientOf(scenario)
  if (side.files !== undefined) {
    const { main, files } = await side.files(pki)
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), content, { mode: 0o600 })
    }
    return join(folder, main)
  }
  const secret = (name: string, content: string): { readonly from: 'file'; readonly path: string } => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    return { from: 'file', path }
  }
  const local = async (credential: Credential): Promise<unknown> => {
    switch (credential.method) {
      case 'psk':
        return { method: 'psk', secret: secret('psk', credential.secret) }
      case 'certificate':
      case 'eap-tls': {
        const issued = await pki.get(credential.certificate)
        return {
          method: 'certificate',
          certificates: [issued.pem, ...issued.intermediates.map((one) => one.pem)],
          key: secret('user.key', issued.keyPem),
          ...(credential.method === 'eap-tls' ? { eap: { ...side.logIn } } : {}),
        }
      }
      case 'eap':
        return {
          method: 'eap',
          username: credential.username,
          password: secret('password', credential.password),
          allow: [credential.eap],
          ...(credential.eap === 'ttls' || credential.eap === 'peap'
            ? { inner: credential.inner ?? 'eap-mschapv2', ...side.logIn }
            : {}),
        }
    }
  }
  const profile = {
    version: 1,
    id: crypto.randomUUID(),
    name: scenario.name,
    gateway: { address: side.address },
    ikeVersion: 2,
    local: {
      ...(side.identity === undefined ? {} : { identity: side.identity }),
      authentication: await local(side.proves),
      ...(side.then === undefined ? {} : { then: { authentication: await local(side.then) } }),
    },
    remote: {
      identity: side.gatewayIdentity,
      ...(side.eapOnly === true ? { eapOnly: true } : {}),
      authentication:
        side.trusts.method === 'psk'
          ? { method: 'psk', secret: secret('gateway-psk', side.trusts.secret) }
          : {
              method: 'certificate',
              authorities: [(await pki.get(side.trusts.authority)).pem],
              ...(side.revocation === undefined ? {} : { revocation: side.revocation }),
            },
    },
    proposals: { ike: side.ike, esp: side.esp },
    traffic: { remote: side.remote, local: [] },
    virtualAddress: side.virtual,
    ...side.profile,
  }
  // The scenario must be a profile that Culvert takes; else the test would test the refusal.
  v.parse(Profile, profile)
  const path = join(folder, 'profile.json')
  writeFileSync(path, JSON.stringify(profile, undefined, 2), { mode: 0o600 })
  return path
}
