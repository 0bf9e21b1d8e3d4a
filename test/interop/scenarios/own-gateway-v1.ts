/** Culvert's own gateway, called by version 1: by strongSwan and by Culvert. */
import { psk, userName, userPassword } from '../lab/defaults.ts'
import { addresses } from '../lab/network.ts'
import type { CertificateName } from '../lab/pki.ts'
import type { ClientSide, Credential, GatewaySide, Outcome, Scenario } from '../lab/scenario.ts'

const ike = ['aes256-sha256-modp2048']
const esp = ['aes256-sha256']

const certificate = (name: CertificateName): Credential & { method: 'certificate' } => ({
  method: 'certificate',
  certificate: name,
})
const user: Credential & { method: 'eap' } = {
  method: 'eap',
  eap: 'mschapv2',
  username: userName,
  password: userPassword,
}

/** Files that lie beside the gateway's configuration. */
export const xauthFiles = { 'user.password': `${userPassword}\n` }
const xauthAfter = (after: 'psk' | 'certificate' | 'hybrid') => ({
  xauth: { after: [after], users: [{ name: userName, passwordFile: 'user.password' }] },
})

function v1(
  name: string,
  gateway: Partial<GatewaySide> & { readonly ikev1?: Readonly<Record<string, unknown>> } = {},
  client: Partial<ClientSide> = {},
  rest: Omit<Scenario, 'name' | 'gateway' | 'client' | 'outcome'> & { readonly outcome?: Outcome } = {},
): Scenario {
  const { ikev1, ...side } = gateway
  return {
    outcome: { kind: 'connected', families: ['ipv4'] },
    ...rest,
    name: `ikev1: ${name}`,
    gateway: {
      ike,
      esp,
      pools: ['ipv4'],
      networks: [addresses.officeNetwork.ipv4],
      ...side,
      culvert: { versions: [1], ...(ikev1 === undefined ? {} : { ikev1 }), ...side.culvert },
    },
    client: {
      ...client,
      profile: { ikeVersion: 1, ...client.profile },
      connection: { version: 1, send_cert: 'always', ...client.connection },
    },
  }
}

const aggressive: Partial<ClientSide> = {
  profile: { ikev1: { mode: 'aggressive' } },
  charon: { i_dont_care_about_security_and_use_aggressive_mode_psk: true },
  connection: { aggressive: true },
}
/** The group's key, then the user, in strongSwan's words. */
const xauthClient: Partial<ClientSide> = {
  identity: userName,
  proves: user,
  trusts: psk,
  connection: {
    'local-user': { auth: 'xauth', xauth_id: userName },
    local: { auth: 'psk', id: userName },
  },
}

export const ownGatewayV1: readonly Scenario[] = [
  v1('main mode, pre-shared key', {}, {}, { steps: ['small-transfer'] }),
  v1('aggressive mode, pre-shared key', { ikev1: { aggressive: true } }, aggressive),
  v1('pre-shared key behind nat', {}, {}, { path: { nat: true } }),
  v1('forward secrecy', { esp: ['aes128-sha1-modp2048'] }),
  v1('3des, sha-1 and modp 1024', { ike: ['3des-sha1-modp1024'], esp: ['3des-sha1'] }),
  v1('configuration pushed', { ikev1: { modeConfig: 'push' } }, { connection: { pull: false } }),
  v1('main mode, rsa certificates', {
    proves: certificate('gateway-rsa-2048'),
    asks: certificate('user-rsa-2048'),
  }),
  v1(
    'aggressive mode, rsa certificates',
    {
      proves: certificate('gateway-rsa-2048'),
      asks: certificate('user-rsa-2048'),
      ikev1: { aggressive: true },
    },
    { ...aggressive, charon: {} },
  ),
  v1('main mode, ecdsa p256 certificates', {
    proves: certificate('gateway-ecdsa-p256'),
    asks: certificate('user-ecdsa-p256'),
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
      culvertFiles: xauthFiles,
      ikev1: xauthAfter('certificate'),
    },
    { then: user },
    { notWithStrongswan: 'its XAUTH client is set up in other words' },
  ),
  v1('xauth with a pre-shared key', { culvertFiles: xauthFiles, ikev1: xauthAfter('psk') }, xauthClient),
  v1(
    'hybrid: the gateway by certificate, the user by xauth',
    {
      proves: certificate('gateway-rsa-2048'),
      culvertFiles: xauthFiles,
      ikev1: xauthAfter('hybrid'),
    },
    {
      identity: userName,
      proves: user,
      connection: { local: { auth: 'xauth', xauth_id: userName, id: userName } },
    },
  ),
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
    {
      steps: ['client-rekeys-ike'],
      notWithStrongswan: 'it keeps the ISAKMP SA that it has replaced',
    },
  ),
  v1(
    'wrong pre-shared key',
    {},
    {
      proves: { method: 'psk', secret: 'not the secret' },
      trusts: { method: 'psk', secret: 'not the secret' },
    },
    { outcome: { kind: 'failed', code: 'authentication-refused' } },
  ),
  v1(
    'wrong password',
    { culvertFiles: xauthFiles, ikev1: xauthAfter('psk') },
    { ...xauthClient, proves: { ...user, password: 'wrong' } },
    { outcome: { kind: 'failed', code: 'credentials-refused' } },
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
