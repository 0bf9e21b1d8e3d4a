/** EAP-TLS, EAP-TTLS, PEAP, two rounds and EAP alone, out of other programs' files and back into them. */
import { beforeAll, describe, expect, it } from 'vitest'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import { sswanExport } from '../../src-main/profiles/export/sswan-export.ts'
import { swanctlExport } from '../../src-main/profiles/export/swanctl-export.ts'
import { fixtureText } from './fixture.ts'
import { bytesOf, makeThrowawayPki } from './throwaway-pki.ts'
import type { ThrowawayPki } from './throwaway-pki.ts'

let pki: ThrowawayPki
beforeAll(() => {
  pki = makeThrowawayPki()
})

const read = (name: string, text: string, files: Readonly<Record<string, Uint8Array>> = {}) =>
  importProfile({ name, bytes: bytesOf(text), files: new Map(Object.entries(files)), username: 'maria' })
const errors = ({ problems }: ReturnType<typeof read>) =>
  problems.filter(({ level }) => level === 'error').map(({ problem }) => problem)

const swanctl = (local: string, remote = 'auth = pubkey') => `
connections {
  office {
    remote_addrs = vpn.example.org
    ${local}
    remote {
      ${remote}
      id = vpn.example.org
      cacerts = ca.pem
    }
    children { net { remote_ts = 10.0.0.0/8 } }
  }
}
secrets {
  eap-maria { id = maria
    secret = "hunter2" }
  private { file = user.key }
}
`
const beside = (): Record<string, Uint8Array> => ({
  'x509ca/ca.pem': pki.authority,
  'x509/user.pem': pki.client,
  'private/user.key': pki.clientKey,
})
const certificate = 'auth = pubkey\n certs = user.pem'

describe('swanctl.conf', () => {
  it('EAP-TTLS, with the server of the log-in by its name', () => {
    const text = swanctl('local { auth = eap-ttls\n eap_id = maria\n aaa_id = radius.example.org }')
    const result = read('swanctl.conf', text, beside())
    expect(errors(result)).toEqual([])
    expect(result.profiles[0]?.local.authentication).toMatchObject({
      method: 'eap',
      username: 'maria',
      allow: ['ttls'],
      inner: 'eap-mschapv2',
      server: { identity: 'radius.example.org' },
    })
    expect(result.secrets.map(({ kind }) => kind)).toEqual(['password'])
  })

  it('EAP-TLS on both sides: the gateway proves itself by EAP alone', () => {
    const text = swanctl(
      'local { auth = eap-tls\n certs = user.pem\n eap_id = maria@example.org }',
      'auth = eap-tls',
    )
    const result = read('swanctl.conf', text, beside())
    expect(errors(result)).toEqual([])
    expect(result.profiles[0]).toMatchObject({
      local: { authentication: { method: 'certificate', eap: { identity: 'maria@example.org' } } },
      remote: { eapOnly: true, authentication: { method: 'certificate' } },
    })
  })

  it('a certificate and a password behind it', () => {
    const rounds = `local-1 { ${certificate} }\n local-2 { auth = eap-mschapv2\n eap_id = maria }`
    const result = read('swanctl.conf', swanctl(rounds), beside())
    expect(errors(result)).toEqual([])
    expect(result.profiles[0]?.local).toMatchObject({
      authentication: { method: 'certificate' },
      then: { authentication: { method: 'eap', username: 'maria', allow: ['mschapv2'] } },
    })
    expect(result.secrets.map(({ kind }) => kind).sort()).toEqual(['key', 'password'])
  })

  it('MSCHAPv2 is not what a gateway proves itself by', () => {
    const result = read(
      'swanctl.conf',
      swanctl('local { auth = eap-mschapv2\n eap_id = maria }', 'auth = eap'),
    )
    expect(result.profiles).toEqual([])
    // It would take a profile that says so by hand as well.
    const alone = read(
      'swanctl.conf',
      swanctl('local { auth = eap-mschapv2\n eap_id = maria }', 'auth = eap-ttls'),
      beside(),
    )
    expect(alone.profiles).toEqual([])
    expect(errors(alone).join()).toContain('Only EAP-TLS, EAP-TTLS and PEAP prove the gateway')
  })

  it('comes back out of what is exported', () => {
    for (const local of [
      'local { auth = eap-ttls\n eap_id = maria\n aaa_id = radius.example.org }',
      'local { auth = eap-peap\n eap_id = maria }',
    ]) {
      const [profile] = read('swanctl.conf', swanctl(local), beside()).profiles
      if (profile === undefined) throw new Error('no profile')
      const written = swanctlExport.write(profile)
      if (!written.ok) throw new Error(written.error)
      expect(
        written.value.lost.map(({ where }) => where).filter((where) => where.startsWith('local')),
      ).toEqual([])
      const files = Object.fromEntries(written.value.beside.map(({ name, text }) => [name, bytesOf(text)]))
      const [again] = read('swanctl.conf', written.value.text, files).profiles
      expect(again?.local.authentication).toEqual({
        ...profile.local.authentication,
        password: { from: 'prompt' },
      })
    }
  })
})

describe('.sswan', () => {
  const sswan = (type: string) =>
    JSON.stringify({
      name: 'Office',
      type,
      remote: { addr: 'vpn.example.org' },
      local: { eap_id: 'maria@example.org', p12: Buffer.from(pki.pkcs12).toString('base64') },
    })
  it('EAP-TLS, there and back', () => {
    const result = read('x.sswan', sswan('ikev2-eap-tls'))
    const [profile] = result.profiles
    expect(profile?.local.authentication).toMatchObject({
      method: 'certificate',
      eap: { identity: 'maria@example.org' },
    })
    if (profile === undefined) throw new Error('no profile')
    const written = sswanExport.write(profile)
    expect(written.ok && JSON.parse(written.value.text)).toMatchObject({
      type: 'ikev2-eap-tls',
      local: { eap_id: 'maria@example.org' },
    })
  })
  it('a certificate, then a password, there and back', () => {
    const [profile] = read('x.sswan', sswan('ikev2-cert-eap')).profiles
    expect(profile?.local).toMatchObject({
      authentication: { method: 'certificate' },
      then: { authentication: { username: 'maria@example.org', password: { from: 'prompt' } } },
    })
    if (profile === undefined) throw new Error('no profile')
    const written = sswanExport.write(profile)
    expect(written.ok && JSON.parse(written.value.text)).toMatchObject({ type: 'ikev2-cert-eap' })
  })
})

describe('others', () => {
  it('ipsec.conf: EAP-TTLS with its server, and two rounds', () => {
    const conn = (more: string) =>
      `conn x\n  right=vpn.example.org\n  rightauth=pubkey\n  keyexchange=ikev2\n  eap_identity=maria\n${more}`
    const ttls = read('ipsec.conf', conn('  leftauth=eap-ttls\n  aaa_identity=radius.example.org\n'))
    expect(ttls.profiles[0]?.local.authentication).toMatchObject({
      allow: ['ttls'],
      server: { identity: 'radius.example.org' },
    })
    const twice = read('ipsec.conf', conn('  leftauth=psk\n  leftauth2=eap-mschapv2\n'))
    expect(twice.profiles[0]?.local).toMatchObject({
      authentication: { method: 'psk' },
      then: { authentication: { username: 'maria', allow: ['mschapv2'] } },
    })
  })

  it('.mobileconfig: a certificate with ExtendedAuthEnabled is EAP-TLS', () => {
    const text = fixtureText('apple-configurator.mobileconfig', { CA: pki.authorityDer, P12: pki.pkcs12 })
    const result = read(
      'x.mobileconfig',
      text.replace('<key>EnablePFS</key>', '<key>ExtendedAuthEnabled</key><true/><key>EnablePFS</key>'),
    )
    expect(errors(result)).toEqual([])
    expect(result.profiles[0]?.local.authentication).toMatchObject({ method: 'certificate', eap: {} })
  })

  it('.nmconnection: the method eap-tls', () => {
    const text = [
      '[connection]\nid=Office\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.strongswan',
      'address=vpn.example.org\nmethod=eap-tls\nusercert=user.pem\nuserkey=user.key\ncertificate=ca.pem\n',
    ].join('\n')
    const files = { 'user.pem': pki.client, 'user.key': pki.clientKey, 'ca.pem': pki.authority }
    const result = read('x.nmconnection', text, files)
    expect(errors(result)).toEqual([])
    expect(result.profiles[0]?.local.authentication).toMatchObject({ method: 'certificate', eap: {} })
  })

  it('Windows: PEAP and who its server is; EAP-TLS with the certificate beside it', () => {
    const peap = fixtureText('profile-user.xml')
      .replaceAll('>26<', '>25<')
      .replace('</Config>', '<ServerNames>nps.corp.example.org</ServerNames></Config>')
    expect(read('x.xml', peap).profiles[0]?.local.authentication).toMatchObject({
      method: 'eap',
      allow: ['peap'],
      server: { identity: 'nps.corp.example.org' },
    })
    const tls = fixtureText('profile-user.xml').replaceAll('>26<', '>13<')
    expect(errors(read('x.xml', tls)).join()).toContain('EAP-TLS needs a certificate and its key')
    expect(read('x.xml', tls, { 'maria.pfx': pki.pkcs12 }).profiles[0]?.local.authentication).toMatchObject({
      method: 'certificate',
      certificates: [],
      eap: {},
    })
  })
})
