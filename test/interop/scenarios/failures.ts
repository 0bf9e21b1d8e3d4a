import { psk, userName, userPassword } from '../lab/defaults.ts'
import { addresses } from '../lab/network.ts'
import type { CertificateName } from '../lab/pki.ts'
import type { Credential, Scenario } from '../lab/scenario.ts'

const eap = (password: string, method: 'mschapv2' | 'gtc' | 'md5' = 'mschapv2'): Credential => ({
  method: 'eap',
  eap: method,
  username: userName,
  password,
})

const proves = (certificate: CertificateName) => ({ method: 'certificate', certificate }) as const

/** RFC 7296 section 2.16 and the rule of CVE-2015-4171: no identity, no password before the gateway has proved itself. */
const badGateway = (
  name: string,
  certificate: CertificateName,
  code: Scenario['outcome'] & { kind: 'failed' },
) =>
  ({
    name,
    gateway: { proves: proves(certificate), asks: eap(userPassword) },
    outcome: { ...code, gatewayLogNever: [/EAP-Identity response|received EAP identity|EAP\/RES\/ID/] },
  }) satisfies Scenario

export const failures: readonly Scenario[] = [
  {
    name: 'wrong psk',
    client: { proves: { method: 'psk', secret: 'not the secret' } },
    outcome: { kind: 'failed', code: 'authentication-refused' },
  },
  {
    name: 'gateway with another psk than expected',
    client: { proves: psk, trusts: { method: 'psk', secret: 'what the gateway does not know' } },
    outcome: { kind: 'failed', code: 'gateway-not-authenticated' },
    notWithStrongswan: 'it has one secret for both directions',
  },
  {
    name: 'wrong password with mschapv2',
    gateway: { proves: proves('gateway-ecdsa-p256'), asks: eap(userPassword) },
    client: { proves: eap('wrong') },
    outcome: { kind: 'failed', code: 'credentials-refused' },
  },
  {
    name: 'wrong password with gtc',
    gateway: { proves: proves('gateway-ecdsa-p256'), asks: eap(userPassword, 'gtc') },
    client: { proves: eap('wrong', 'gtc') },
    outcome: { kind: 'failed', code: 'credentials-refused' },
  },
  {
    name: 'wrong password with md5',
    gateway: { proves: proves('gateway-ecdsa-p256'), asks: eap(userPassword, 'md5') },
    client: { proves: eap('wrong', 'md5') },
    outcome: { kind: 'failed', code: 'credentials-refused' },
  },
  {
    name: 'gateway asks for an eap method that is not allowed',
    gateway: { proves: proves('gateway-ecdsa-p256'), asks: eap(userPassword, 'md5') },
    client: { proves: eap(userPassword, 'mschapv2') },
    outcome: { kind: 'failed', code: 'eap-method-refused' },
  },
  badGateway('gateway certificate of an unknown authority', 'gateway-unknown-root', {
    kind: 'failed',
    code: 'certificate-untrusted',
  }),
  badGateway('gateway certificate for another name', 'gateway-wrong-name', {
    kind: 'failed',
    code: 'certificate-wrong-name',
  }),
  badGateway('gateway certificate expired', 'gateway-expired', {
    kind: 'failed',
    code: 'certificate-expired',
  }),
  {
    ...badGateway('gateway certificate only for clients', 'gateway-client-usage', {
      kind: 'failed',
      code: 'certificate-unsuitable',
    }),
    notWithStrongswan: 'it does not ask for the extended key usage',
  },
  {
    name: 'user certificate of an unknown authority',
    gateway: { proves: proves('gateway-ecdsa-p256'), asks: proves('user-ecdsa-p256') },
    client: { proves: proves('user-unknown-root') },
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
  {
    name: 'no address left',
    gateway: { pools: [] },
    client: { virtual: { ipv4: true, ipv6: false } },
    outcome: { kind: 'failed', code: 'no-address' },
    notWithStrongswan: 'it goes on without an address',
  },
  {
    name: 'gateway that never answers',
    path: { blackHole: true },
    client: { profile: { reconnect: false } },
    outcome: { kind: 'failed', code: 'gateway-unreachable' },
    timeoutMs: 110_000,
  },
  {
    name: 'gateway address where nobody is',
    client: { address: addresses.nobody.ipv4, profile: { reconnect: false } },
    outcome: { kind: 'failed', code: 'gateway-unreachable' },
    timeoutMs: 110_000,
  },
  {
    name: 'gateway name that does not exist',
    client: { address: 'nowhere.example.test', profile: { reconnect: false } },
    outcome: { kind: 'failed', code: 'gateway-not-found' },
  },
]
