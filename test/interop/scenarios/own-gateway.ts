/** Culvert's own gateway, called by strongSwan and by Culvert. */
import { userName, userPassword } from '../lab/defaults.ts'
import type { CertificateName } from '../lab/pki.ts'
import type { Credential, Scenario } from '../lab/scenario.ts'
import { ownSuites } from './suites.ts'

const certificate = (name: CertificateName): Credential & { method: 'certificate' } => ({
  method: 'certificate',
  certificate: name,
})
const eap = (method: 'mschapv2' | 'gtc' | 'md5', password = userPassword): Credential => ({
  method: 'eap',
  eap: method,
  username: userName,
  password,
})

const algorithm = (ike: string, esp: string): Scenario => ({
  name: `${ike} with ${esp}`,
  gateway: { ike: [ike], esp: [esp] },
  outcome: { kind: 'connected' },
  steps: ['small-transfer'],
})

export const ownGateway: readonly Scenario[] = [
  { name: 'psk', outcome: { kind: 'connected' } },
  { name: 'psk behind nat', path: { nat: true }, outcome: { kind: 'connected' } },
  {
    name: 'certificates rsa',
    gateway: { proves: certificate('gateway-rsa-2048'), asks: certificate('user-rsa-2048') },
    outcome: { kind: 'connected' },
  },
  {
    name: 'certificates ecdsa p256',
    gateway: { proves: certificate('gateway-ecdsa-p256'), asks: certificate('user-ecdsa-p256') },
    outcome: { kind: 'connected' },
  },
  {
    name: 'certificates ecdsa p384',
    gateway: { proves: certificate('gateway-ecdsa-p384'), asks: certificate('user-ecdsa-p384') },
    outcome: { kind: 'connected' },
  },
  {
    name: 'certificates ed25519',
    gateway: { proves: certificate('gateway-ed25519'), asks: certificate('user-ed25519') },
    outcome: { kind: 'connected' },
  },
  {
    name: 'large certificate chain over a path with mtu 1280 that drops fragments',
    path: { mtu: 1280, dropFragments: true },
    gateway: { proves: certificate('gateway-big-chain'), asks: certificate('user-ecdsa-p256') },
    client: { connection: {}, profile: {} },
    outcome: { kind: 'connected' },
  },
  ...(['mschapv2', 'gtc', 'md5'] as const).map((method): Scenario => ({
    name: `eap-${method}`,
    gateway: { proves: certificate('gateway-ecdsa-p256'), asks: eap(method) },
    outcome: { kind: 'connected' },
  })),
  { name: 'virtual ipv4 only', gateway: { pools: ['ipv4'] }, outcome: { kind: 'connected' } },
  { name: 'virtual ipv6 only', gateway: { pools: ['ipv6'] }, outcome: { kind: 'connected' } },
  {
    name: 'narrowed selectors',
    client: { remote: ['10.0.0.0/8', 'fd00:20::/48'] },
    outcome: { kind: 'connected' },
  },
  { name: 'cookies always', gateway: { culvert: { cookies: 'always' } }, outcome: { kind: 'connected' } },
  {
    name: 'wrong first group',
    gateway: { ike: ['aes256gcm16-prfsha384-ecp384'] },
    client: { ike: ['aes256gcm16-prfsha384-x25519-ecp384'] },
    outcome: { kind: 'connected', ike: { group: 'ecp384' } },
  },
  ...ownSuites,
  algorithm('aes128-sha1-modp2048', 'aes128-sha1'),
  algorithm('aes256-sha256-modp3072', 'aes256-sha256'),
  algorithm('aes128-sha384-modp4096', 'aes128-sha384'),
  algorithm('aes256-sha512-ecp521', 'aes256-sha512'),
  algorithm('aes128gcm16-prfsha256-ecp256', 'aes128gcm16'),
  algorithm('chacha20poly1305-prfsha512-x25519', 'chacha20poly1305'),
  {
    name: 'extended sequence numbers',
    gateway: { esp: ['aes256gcm16-esn'] },
    outcome: { kind: 'connected', esp: { extendedSequenceNumbers: true } },
    steps: ['small-transfer'],
    notWithStrongswan: 'its userspace ESP has no extended sequence numbers',
  },
  {
    name: 'extended sequence numbers with cbc and hmac',
    gateway: { esp: ['aes256-sha256-esn'] },
    outcome: { kind: 'connected', esp: { extendedSequenceNumbers: true } },
    steps: ['small-transfer'],
    notWithStrongswan: 'its userspace ESP has no extended sequence numbers',
  },
  {
    name: 'client rekeys the child sa with forward secrecy',
    gateway: { esp: ['aes256gcm16-x25519'] },
    client: { profile: { lifetimes: { childSeconds: 2 } } },
    outcome: { kind: 'connected' },
    steps: ['client-rekeys-child'],
  },
  {
    name: 'client rekeys the ike sa',
    client: { profile: { lifetimes: { ikeSeconds: 2 } } },
    outcome: { kind: 'connected' },
    steps: ['client-rekeys-ike'],
  },
  {
    name: 'wrong psk',
    client: { proves: { method: 'psk', secret: 'not the secret' } },
    outcome: { kind: 'failed', code: 'authentication-refused' },
  },
  {
    name: 'wrong password',
    gateway: { proves: certificate('gateway-ecdsa-p256'), asks: eap('mschapv2') },
    client: { proves: eap('mschapv2', 'wrong') },
    outcome: { kind: 'failed', code: 'credentials-refused' },
  },
  {
    name: 'user certificate of an unknown authority',
    gateway: { proves: certificate('gateway-ecdsa-p256'), asks: certificate('user-ecdsa-p256') },
    client: { proves: certificate('user-unknown-root') },
    outcome: { kind: 'failed', code: 'authentication-refused' },
  },
  {
    name: 'no common ike proposal',
    client: { ike: ['aes256-sha512-modp4096'] },
    outcome: { kind: 'failed', code: 'no-common-proposal' },
  },
  {
    name: 'no common esp proposal',
    client: { esp: ['aes128-sha1'] },
    outcome: { kind: 'failed', code: 'no-common-proposal' },
  },
  {
    name: 'no common traffic',
    client: { remote: ['172.20.0.0/16'] },
    outcome: { kind: 'failed', code: 'no-common-traffic' },
  },
]
