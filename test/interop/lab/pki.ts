/** The certificates of a run, each made when a scenario first asks for it. */
import { addresses } from './network.ts'
import { gatewayName } from './programs.ts'
import { issue } from './certificates.ts'
import type { Issued } from './certificates.ts'

const day = 86_400_000

/** The server of the log-in behind the gateway. */
export const radiusName = 'radius.example.test'
const logInServer = { commonName: radiusName, names: [`DNS:${radiusName}`] }

/** Where the root answers about revocation; outside of the tunnel, at the router. */
export const ocspPort = 8088
export const listPort = 8089
const ocspUrl = `http://${addresses.router.ipv4}:${ocspPort}/`
const listUrl = `http://${addresses.router.ipv4}:${listPort}/list.crl`

export type CertificateName = keyof ReturnType<typeof recipes>

const recipes = (get: (name: string) => Promise<Issued>) => {
  const gateway =
    (kind: Parameters<typeof issue>[0]['kind'], more: object = {}, issuer = 'root') =>
    async () =>
      issue({
        commonName: gatewayName,
        kind,
        issuer: await get(issuer),
        names: [`DNS:${gatewayName}`, `IP:${addresses.gateway.ipv4}`],
        usage: 'server',
        ...more,
      })
  const user =
    (kind: Parameters<typeof issue>[0]['kind'], commonName: string, issuer = 'root') =>
    async () =>
      issue({
        commonName,
        kind,
        issuer: await get(issuer),
        names: [`email:${commonName}`],
        usage: 'client',
      })
  const intermediate = (commonName: string, issuer: string) => async () =>
    issue({
      commonName,
      kind: 'rsa-4096',
      issuer: await get(issuer),
      authority: true,
      padding: 600,
    })
  return {
    root: () => issue({ commonName: 'Culvert Test Root', kind: 'ecdsa-p384', authority: true }),
    'unknown-root': () => issue({ commonName: 'Somebody Else', kind: 'ecdsa-p256', authority: true }),
    'gateway-rsa-2048': gateway('rsa-2048'),
    'gateway-rsa-3072': gateway('rsa-3072'),
    'gateway-ecdsa-p256': gateway('ecdsa-p256'),
    'gateway-ecdsa-p384': gateway('ecdsa-p384'),
    'gateway-ed25519': gateway('ed25519'),
    'gateway-wrong-name': gateway('ecdsa-p256', {
      commonName: 'other.example.test',
      names: ['DNS:other.example.test'],
    }),
    'gateway-expired': gateway('ecdsa-p256', {
      notBefore: new Date(Date.now() - 20 * day),
      notAfter: new Date(Date.now() - 10 * day),
    }),
    'gateway-unknown-root': gateway('ecdsa-p256', {}, 'unknown-root'),
    'gateway-client-usage': gateway('ecdsa-p256', { usage: 'client' }),
    'gateway-ocsp-good': gateway('ecdsa-p256', { ocsp: ocspUrl }),
    'gateway-ocsp-revoked': gateway('ecdsa-p256', { ocsp: ocspUrl }),
    'gateway-ocsp-silent': gateway('ecdsa-p256', { ocsp: `http://${addresses.nobody.ipv4}/` }),
    'gateway-list-good': gateway('ecdsa-p256', { list: listUrl }),
    'gateway-list-revoked': gateway('ecdsa-p256', { list: listUrl }),
    radius: gateway('rsa-2048', logInServer),
    'radius-expired': gateway('rsa-2048', {
      ...logInServer,
      notBefore: new Date(Date.now() - 20 * day),
      notAfter: new Date(Date.now() - 10 * day),
    }),
    'radius-unknown-root': gateway('rsa-2048', logInServer, 'unknown-root'),
    'radius-client-usage': gateway('rsa-2048', { ...logInServer, usage: 'client' }),
    'intermediate-1': intermediate('Culvert Test Intermediate 1', 'root'),
    'intermediate-2': intermediate('Culvert Test Intermediate 2', 'intermediate-1'),
    'intermediate-3': intermediate('Culvert Test Intermediate 3', 'intermediate-2'),
    'gateway-big-chain': gateway('rsa-4096', { padding: 600 }, 'intermediate-3'),
    'user-rsa-2048': user('rsa-2048', 'rsa@example.test'),
    'user-ecdsa-p256': user('ecdsa-p256', 'p256@example.test'),
    'user-ecdsa-p384': user('ecdsa-p384', 'p384@example.test'),
    'user-unknown-root': user('ecdsa-p256', 'stranger@example.test', 'unknown-root'),
    'user-ed25519': user('ed25519', 'ed25519@example.test'),
  }
}

export interface Pki {
  get(name: CertificateName): Promise<Issued>
}

export const createPki = (): Pki => {
  const made = new Map<string, Promise<Issued>>()
  const makers: Readonly<Record<string, () => Promise<Issued>>> = recipes((name) => get(name))
  const get = (name: string): Promise<Issued> => {
    const known = made.get(name)
    if (known !== undefined) return known
    const maker = makers[name]
    if (maker === undefined) return Promise.reject(new Error(`no recipe for the certificate ${name}`))
    const making = maker()
    made.set(name, making)
    return making
  }
  return { get }
}
