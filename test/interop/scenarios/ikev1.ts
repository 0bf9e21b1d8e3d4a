import { psk, userName, userPassword } from '../lab/defaults.ts'
import { addresses } from '../lab/network.ts'
import type { CertificateName } from '../lab/pki.ts'
import type { ClientSide, Credential, GatewaySide, Outcome, Scenario } from '../lab/scenario.ts'

const ike = ['aes256-sha256-modp2048']
const esp = ['aes256-sha256']

/** Both ends speak version 1; Mode Config gives one family, as IKEv1's gateways do. */
function v1(
  name: string,
  gateway: Partial<GatewaySide> = {},
  client: Partial<ClientSide> = {},
  rest: Omit<Scenario, 'name' | 'gateway' | 'client' | 'outcome'> & { readonly outcome?: Outcome } = {},
): Scenario {
  return {
    outcome: { kind: 'connected', families: ['ipv4'] },
    ...rest,
    name: `ikev1: ${name}`,
    gateway: {
      ike,
      esp,
      pools: ['ipv4'],
      networks: [addresses.officeNetwork.ipv4],
      ...gateway,
      connection: { version: 1, ...gateway.connection },
    },
    client: {
      ...client,
      profile: { ikeVersion: 1, ...client.profile },
      connection: { version: 1, ...client.connection },
    },
  }
}

const certificate = (name: CertificateName) => ({ method: 'certificate', certificate: name }) as const
const user: Credential & { method: 'eap' } = {
  method: 'eap',
  eap: 'mschapv2',
  username: userName,
  password: userPassword,
}

const aggressive = {
  // Its name in strongSwan says what its makers think of it.
  charon: { i_dont_care_about_security_and_use_aggressive_mode_psk: true },
  connection: { aggressive: true },
}
const aggressiveClient = { profile: { ikev1: { mode: 'aggressive' } }, connection: { aggressive: true } }

/** The group's key first, then the user. */
const xauthPsk: Partial<GatewaySide> = {
  proves: psk,
  asks: user,
  connection: { remote: { auth: 'psk', id: '%any' }, 'remote-user': { auth: 'xauth' } },
}
const hybrid: Partial<GatewaySide> = {
  proves: certificate('gateway-rsa-2048'),
  asks: user,
  connection: { remote: { auth: 'xauth', id: '%any' } },
}
const onlyCulvert = { notWithStrongswan: 'its XAUTH client is set up in other words' }

export const ikev1: readonly Scenario[] = [
  v1('main mode, pre-shared key', {}, {}, { steps: ['transfer'] }),
  v1('aggressive mode, pre-shared key', aggressive, aggressiveClient),
  v1('main mode, rsa certificates', {
    proves: certificate('gateway-rsa-2048'),
    asks: certificate('user-rsa-2048'),
  }),
  v1(
    'aggressive mode, rsa certificates',
    {
      proves: certificate('gateway-rsa-2048'),
      asks: certificate('user-rsa-2048'),
      connection: { aggressive: true },
    },
    aggressiveClient,
  ),
  v1('main mode, ecdsa p256 certificates', {
    proves: certificate('gateway-ecdsa-p256'),
    asks: certificate('user-ecdsa-p256'),
  }),
  v1('main mode, ecdsa p384 certificates', {
    ike: ['aes256-sha384-ecp384'],
    proves: certificate('gateway-ecdsa-p384'),
    asks: certificate('user-ecdsa-p384'),
  }),
  v1(
    'a large certificate chain in pieces, over a path with mtu 1280 that drops ip fragments',
    { proves: certificate('gateway-big-chain'), asks: certificate('user-rsa-2048') },
    {},
    { path: { mtu: 1280, dropFragments: true } },
  ),
  v1(
    'xauth behind rsa certificates',
    {
      proves: certificate('gateway-rsa-2048'),
      asks: certificate('user-rsa-2048'),
      users: [user],
      connection: { 'remote-user': { auth: 'xauth' } },
    },
    { then: user },
    onlyCulvert,
  ),
  v1('xauth with a pre-shared key', xauthPsk, {}, onlyCulvert),
  v1(
    'aggressive mode, xauth with a pre-shared key',
    { ...xauthPsk, charon: aggressive.charon, connection: { ...xauthPsk.connection, aggressive: true } },
    aggressiveClient,
    onlyCulvert,
  ),
  v1('hybrid: the gateway by certificate, the user by xauth', hybrid, {}, onlyCulvert),
  v1('3des, sha-1 and modp 1024', { ike: ['3des-sha1-modp1024'], esp: ['3des-sha1'] }),
  v1('forward secrecy', { esp: ['aes128-sha1-modp2048'] }),
  v1('behind nat', {}, {}, { path: { nat: true } }),
  v1('gateway rekeys the child sa', {}, {}, { steps: ['gateway-rekeys-child'] }),
  v1(
    'client rekeys the child sa',
    {},
    { profile: { lifetimes: { childSeconds: 4 } } },
    { steps: ['client-rekeys-child'] },
  ),
  v1(
    'client rekeys the isakmp sa',
    {},
    { profile: { lifetimes: { ikeSeconds: 4 } } },
    { steps: ['client-rekeys-ike'] },
  ),
  v1('gateway closes the connection', {}, {}, { steps: ['gateway-closes'] }),
  v1(
    'gateway dies and comes back',
    {},
    { profile: { livenessSeconds: 1 } },
    { steps: ['gateway-dies'], timeoutMs: 90_000 },
  ),
  v1(
    'wrong pre-shared key',
    {},
    {
      proves: { method: 'psk', secret: 'not the secret' },
      trusts: { method: 'psk', secret: 'not the secret' },
    },
    {
      outcome: { kind: 'failed', code: 'authentication-refused' },
    },
  ),
  v1(
    'wrong password',
    xauthPsk,
    { proves: { ...user, password: 'wrong' } },
    {
      ...onlyCulvert,
      outcome: { kind: 'failed', code: 'credentials-refused' },
    },
  ),
  v1(
    'no common proposal',
    {},
    { ike: ['aes128-sha1-modp1024'] },
    { outcome: { kind: 'failed', code: 'no-common-proposal' } },
  ),
  v1(
    'no common esp proposal',
    {},
    { esp: ['aes128-sha1'] },
    { outcome: { kind: 'failed', code: 'no-common-proposal' } },
  ),
]
