/** What a profile's EAP becomes: who the server must be, which names are said, which secrets are asked for, and when. */
import { describe, expect, it } from 'vitest'
import { loadCredentials } from '../../src-main/app/credentials.ts'
import type { ProfileSecrets, SecretKind } from '../../src-main/app/secrets.ts'
import { formatIdentity } from '../../src-main/ike/identity.ts'
import type { EapCredential } from '../../src-main/ike/v2/initiator.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { authority, dns, email, issue, NOW, pem, purposes, san, SERVER_AUTH } from '../fakes/certificates.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'
import { epochMillis } from '../../src-shared/brands.ts'

const office = authority('CN=Office')
const radius = authority('CN=Radius')
const user = issue({ subject: 'CN=maria', by: office, extensions: [san(email('maria@corp.example'))] })
const keyPem = user.key.export({ type: 'pkcs8', format: 'pem' }).toString()

function secrets() {
  const fetched: (readonly [SecretKind, string | undefined])[] = []
  const all: ProfileSecrets = {
    fetch(kind, text) {
      fetched.push([kind, text])
      return Promise.resolve(new Uint8Array(Buffer.from(kind === 'key' ? keyPem : 'secret')))
    },
    refused: () => undefined,
    wipe: () => undefined,
  }
  return { fetched, all }
}
const password = { method: 'eap', username: 'maria@corp.example', password: { from: 'prompt' } } as const
const gateway: Profile['remote'] = {
  identity: 'vpn.example.org',
  authentication: { method: 'certificate', authorities: [pem(office.der)] },
}
const certificate = {
  method: 'certificate' as const,
  certificates: [pem(user.der)],
  key: { from: 'file' as const, path: '/x' },
  keyPassword: { from: 'prompt' as const },
}

async function load(local: Profile['local'], remote: Profile['remote'] = gateway) {
  const { fetched, all } = secrets()
  const credentials = await loadCredentials(sampleProfile({ local, remote }), all)
  if (credentials.local.method !== 'eap') throw new Error('no EAP')
  return { credentials, fetched, local: credentials.local }
}
const says = (identity: Parameters<typeof formatIdentity>[0] | undefined) =>
  identity && formatIdentity(identity)
const accepts = async ({ tls }: EapCredential, by: typeof office, name: string): Promise<string> => {
  const server = issue({ subject: 'CN=server', by, extensions: [san(dns(name)), purposes(SERVER_AUTH)] })
  if (tls === undefined) throw new Error('no TLS')
  const verdict = await tls.server.trust.verify({
    certificates: [server.der],
    identity: tls.server.identity,
    role: 'eap-server',
    at: epochMillis(NOW),
  })
  return verdict.ok ? 'accepted' : verdict.error.code
}

describe('the server of the log-in', () => {
  it('is the gateway where nothing is said of it', async () => {
    const { local } = await load({ authentication: { ...password, allow: ['peap'] } })
    expect(await accepts(local, office, 'vpn.example.org')).toBe('accepted')
    expect(await accepts(local, office, 'other.example.org')).toBe('certificate-wrong-name')
    expect(await accepts(local, radius, 'vpn.example.org')).toBe('certificate-untrusted')
  })

  it('may be another, by name and authority', async () => {
    const server = { identity: 'radius.corp.example', authorities: [pem(radius.der)] }
    const { local } = await load({ authentication: { ...password, allow: ['ttls'], server } })
    expect(await accepts(local, radius, 'radius.corp.example')).toBe('accepted')
    expect(await accepts(local, office, 'radius.corp.example')).toBe('certificate-untrusted')
    expect(await accepts(local, radius, 'vpn.example.org')).toBe('certificate-wrong-name')
  })

  it('has a name even where the gateway may have any: the one that was dialled', async () => {
    const { local } = await load(
      { authentication: { ...password, allow: ['ttls'] } },
      { ...gateway, identity: '%any' },
    )
    expect(says(local.tls?.server.identity)).toBe('vpn.example.org')
  })

  it("is pinned by the gateway's pin only where it is the gateway", async () => {
    const pin = `${'A'.repeat(43)}=`
    const pinned: Profile['remote'] = {
      authentication: { method: 'certificate', authorities: [pem(office.der)], pin },
    }
    const same = await load({ authentication: { ...password, allow: ['ttls'] } }, pinned)
    expect(await accepts(same.local, office, 'vpn.example.org')).toBe('certificate-pin-mismatch')
    const server = { identity: 'radius.corp.example' }
    const other = await load({ authentication: { ...password, allow: ['ttls'], server } }, pinned)
    expect(await accepts(other.local, office, 'radius.corp.example')).toBe('accepted')
  })

  it('is nobody for methods without TLS', async () => {
    const { local } = await load({ authentication: { ...password, allow: ['mschapv2'] } })
    expect(local.tls).toBeUndefined()
  })
})

describe('the names that are said', () => {
  it('are the user name, or the anonymous one', async () => {
    const plain = await load({ authentication: { ...password, allow: ['ttls'] } })
    expect([plain.local.identity, says(plain.credentials.localIdentity)]).toEqual([
      'maria@corp.example',
      'maria@corp.example',
    ])
    const hidden = await load({
      authentication: { ...password, allow: ['ttls'], anonymousIdentity: 'nobody@corp.example' },
    })
    expect([hidden.local.identity, says(hidden.credentials.localIdentity), hidden.local.username]).toEqual([
      'nobody@corp.example',
      'nobody@corp.example',
      'maria@corp.example',
    ])
  })

  it('are nobody where EAP has still to prove the gateway', async () => {
    const alone = { ...gateway, eapOnly: true }
    const { local, credentials } = await load({ authentication: { ...password, allow: ['ttls'] } }, alone)
    expect([local.identity, says(credentials.localIdentity)]).toEqual([
      'anonymous@corp.example',
      'anonymous@corp.example',
    ])
    const tls = await load({ authentication: { ...certificate, eap: {} } }, alone)
    expect([tls.local.identity, says(tls.credentials.localIdentity)]).toEqual([
      'anonymous@corp.example',
      'anonymous@corp.example',
    ])
    const named = await load(
      { authentication: { ...certificate, eap: { identity: 'maria@corp.example' } } },
      alone,
    )
    expect(named.local.identity).toBe('maria@corp.example')
  })

  it("are the certificate's with EAP-TLS", async () => {
    const { local, credentials, fetched } = await load({ authentication: { ...certificate, eap: {} } })
    expect(local.allow).toEqual(['tls'])
    expect(local.identity).toBe('maria@corp.example')
    expect(says(credentials.localIdentity)).toBe('CN=maria')
    expect((await local.password()).length).toBe(0)
    expect(fetched.map(([kind]) => kind)).toEqual(['key'])
  })
})

describe('secrets', () => {
  it('of a second round are had before the first message; a code never', async () => {
    const { fetched, all } = secrets()
    const credentials = await loadCredentials(
      sampleProfile({
        local: {
          authentication: certificate,
          then: { authentication: { ...password, allow: ['mschapv2'] } },
        },
        remote: gateway,
      }),
      all,
    )
    expect(credentials.local.method).toBe('signature')
    expect(fetched.map(([kind]) => kind)).toEqual(['password', 'key'])
    const { then } = credentials
    expect(says(then?.identity)).toBe('maria@corp.example')
    await then?.credential.askForCode?.('Token code')
    expect(fetched.at(-1)?.[0]).toBe('one-time-code')
    expect(fetched.at(-1)?.[1]).toMatch(/^The gateway of .+ asks: Token code$/)
  })
})
