/**
 * EAP within TLS, EAP alone (RFC 5998) and a second round (RFC 4739). strongSwan is the server of the log-in, or FreeRADIUS behind
 * it, whose name is another. TLS 1.3 is FreeRADIUS's alone: strongSwan 5.9.8 makes keys of it as an early draft had it.
 */
import { sharedSecret, userName, userPassword } from '../lab/defaults.ts'
import type { CertificateName } from '../lab/pki.ts'
import { radiusName } from '../lab/pki.ts'
import type { ClientSide, Credential, GatewaySide, Scenario } from '../lab/scenario.ts'
import type { Settings } from '../lab/strongswan.ts'

type Eap = Credential & { method: 'eap' }

const proves = (certificate: CertificateName) => ({ method: 'certificate', certificate }) as const
const eapTls = (certificate: CertificateName): Credential => ({ method: 'eap-tls', certificate })
const password = (eap: Eap['eap'], inner?: NonNullable<Eap['inner']>, secret = userPassword): Eap => ({
  method: 'eap',
  eap,
  username: userName,
  password: secret,
  ...(inner === undefined ? {} : { inner }),
})

const charon: Settings = { plugins: { 'eap-ttls': { phase2_method: 'mschapv2' } } }
const logsIn = { kind: 'connected' } as const
/** The client ends it, and has told nobody who the user is. */
const neverNamed = [/received EAP identity '(?!anonymous)/, /EAP-TTLS AVP/, /received TLS peer certificate/]

const bySwan = (asks: Credential, gateway: Partial<GatewaySide> = {}): Partial<GatewaySide> => ({
  proves: proves('gateway-rsa-2048'),
  asks,
  charon,
  ...gateway,
})
const byRadius = (
  asks: Credential,
  tls: '1.2' | '1.3' = '1.2',
  certificate: CertificateName = 'radius',
): Partial<GatewaySide> => ({ proves: proves('gateway-ecdsa-p256'), asks, radius: { tls, certificate } })
const radiusClient: Partial<ClientSide> = { logIn: { server: { identity: radiusName } } }
const notSwan = 'its profile of this scenario is not written'

const radius = (
  name: string,
  asks: Credential,
  outcome: Scenario['outcome'] = logsIn,
  more: Partial<ClientSide> = {},
  certificate: CertificateName = 'radius',
  tls: '1.2' | '1.3' = '1.2',
): Scenario => ({
  name,
  gateway: byRadius(asks, tls, certificate),
  client: { ...radiusClient, ...more },
  outcome,
  notWithStrongswan: notSwan,
})

const failed = (
  code: Extract<Scenario['outcome'], { kind: 'failed' }>['code'],
  gatewayLogNever: readonly RegExp[] = [],
): Scenario['outcome'] => ({ kind: 'failed', code, gatewayLogNever })

/** strongSwan proves itself within EAP and not before. */
const alone = (
  name: string,
  method: 'eap-tls' | 'eap-ttls',
  asks: Credential,
  outcome: Scenario['outcome'],
  certificate: CertificateName = 'gateway-ecdsa-p256',
  client: Partial<ClientSide> = {},
): Scenario => ({
  name,
  gateway: {
    proves: proves(certificate),
    asks,
    charon,
    connection: { local: { auth: method, certs: ['own.pem'], id: 'vpn.example.test' } },
  },
  client: { eapOnly: true, ...client },
  outcome,
  notWithStrongswan: notSwan,
})

const first = (round: Settings): Settings => ({
  'remote-1': { id: '%any', ...round },
  'remote-2': { id: '%any', auth: 'eap-mschapv2', eap_id: '%any' },
  remote: undefined,
})
export const eapWithinTls: readonly Scenario[] = [
  {
    name: 'eap-tls',
    gateway: bySwan(eapTls('user-ecdsa-p256')),
    outcome: { ...logsIn, gatewayLog: [/EAP method EAP_TLS succeeded, MSK established/] },
  },
  {
    name: 'eap-tls with a long chain',
    gateway: bySwan(eapTls('user-rsa-2048'), { proves: proves('gateway-big-chain') }),
    outcome: { ...logsIn, gatewayLog: [/EAP method EAP_TLS succeeded, MSK established/] },
  },
  {
    name: 'eap-tls with a certificate of somebody else',
    gateway: bySwan(eapTls('user-ecdsa-p256')),
    client: { proves: eapTls('user-unknown-root') },
    outcome: failed('authentication-refused'),
  },
  {
    name: 'eap-ttls with eap-mschapv2',
    gateway: bySwan(password('ttls')),
    outcome: { ...logsIn, gatewayLog: [/EAP method EAP_TTLS succeeded, MSK established/] },
  },
  {
    name: 'eap-ttls with a wrong password',
    gateway: bySwan(password('ttls')),
    client: { proves: password('ttls', undefined, 'wrong') },
    outcome: failed('credentials-refused'),
  },
  {
    name: 'eap-ttls wanted, mschapv2 without TLS asked for',
    gateway: bySwan(password('mschapv2')),
    client: { proves: password('ttls') },
    outcome: failed('eap-method-refused', [/EAP_MSCHAPV2 succeeded/]),
    notWithStrongswan: notSwan,
  },
  {
    name: 'eap-ttls with a log-in server of another authority',
    gateway: bySwan(password('ttls')),
    client: { logIn: { server: { identity: radiusName } } },
    outcome: failed('certificate-wrong-name', neverNamed.slice(1)),
    notWithStrongswan: notSwan,
  },
  radius('eap-ttls with pap, freeradius', password('ttls', 'pap')),
  radius('eap-ttls with mschapv2, freeradius', password('ttls', 'mschapv2')),
  radius('eap-ttls with eap-mschapv2, freeradius', password('ttls', 'eap-mschapv2')),
  radius('eap-ttls with gtc, freeradius', password('ttls', 'gtc')),
  radius('peap with mschapv2, freeradius', password('peap', 'mschapv2')),
  radius('eap-tls, freeradius', eapTls('user-rsa-2048')),
  radius('eap-tls over TLS 1.3, freeradius', eapTls('user-ecdsa-p256'), logsIn, {}, 'radius', '1.3'),
  radius('eap-ttls with pap over TLS 1.3, freeradius', password('ttls', 'pap'), logsIn, {}, 'radius', '1.3'),
  radius(
    'eap-ttls with mschapv2 over TLS 1.3, freeradius',
    password('ttls', 'mschapv2'),
    logsIn,
    {},
    'radius',
    '1.3',
  ),
  radius(
    'peap with mschapv2 over TLS 1.3, freeradius',
    password('peap', 'mschapv2'),
    logsIn,
    {},
    'radius',
    '1.3',
  ),
  ...(['pap', 'mschapv2', 'eap-mschapv2'] as const).map((inner) =>
    radius(
      `eap-ttls with a wrong password by ${inner}, freeradius`,
      password('ttls', inner),
      failed('credentials-refused'),
      { proves: password('ttls', inner, 'wrong') },
    ),
  ),
  radius('peap with a wrong password, freeradius', password('peap'), failed('credentials-refused'), {
    proves: password('peap', 'mschapv2', 'wrong'),
  }),
  radius(
    'log-in server with a certificate of an unknown authority',
    password('peap'),
    failed('certificate-untrusted'),
    {},
    'radius-unknown-root',
  ),
  radius(
    'log-in server with an expired certificate',
    password('ttls', 'pap'),
    failed('certificate-expired'),
    {},
    'radius-expired',
  ),
  radius(
    "log-in server with a client's certificate",
    password('ttls', 'pap'),
    failed('certificate-unsuitable'),
    {},
    'radius-client-usage',
  ),
  radius('log-in server of another name', password('ttls', 'pap'), failed('certificate-wrong-name'), {
    logIn: { server: { identity: 'another.example.test' } },
  }),
  alone(
    'eap-only with eap-tls',
    'eap-tls',
    eapTls('user-ecdsa-p256'),
    {
      ...logsIn,
      gatewayLog: [/N\(EAP_ONLY\)/, /EAP method EAP_TLS succeeded, MSK established/],
    },
    'gateway-ecdsa-p256',
    // strongSwan looks for a certificate of this name.
    { logIn: { identity: 'p256@example.test' } },
  ),
  alone('eap-only with eap-ttls', 'eap-ttls', password('ttls'), logsIn),
  alone(
    'eap-only, and the gateway is of an unknown authority',
    'eap-ttls',
    password('ttls'),
    failed('certificate-untrusted', neverNamed),
    'gateway-unknown-root',
  ),
  alone(
    'eap-only, and the gateway has an expired certificate',
    'eap-tls',
    eapTls('user-ecdsa-p256'),
    failed('certificate-expired', neverNamed),
    'gateway-expired',
  ),
  alone(
    'eap-only by the gateway, not by the profile',
    'eap-tls',
    eapTls('user-ecdsa-p256'),
    failed('authentication-refused', neverNamed),
    'gateway-ecdsa-p256',
    { eapOnly: false },
  ),
  {
    name: 'certificate, then eap-mschapv2',
    gateway: {
      proves: proves('gateway-ecdsa-p256'),
      asks: proves('user-ecdsa-p256'),
      connection: first({ auth: 'pubkey', cacerts: ['root.pem'] }),
      users: [password('mschapv2')],
    },
    client: { then: password('mschapv2') },
    outcome: { ...logsIn, gatewayLog: [/EAP method EAP_MSCHAPV2 succeeded/] },
    notWithStrongswan: notSwan,
  },
  {
    name: 'psk, then eap-mschapv2 with a wrong password',
    gateway: {
      proves: proves('gateway-ecdsa-p256'),
      asks: { method: 'psk', secret: sharedSecret },
      connection: first({ auth: 'psk' }),
      users: [password('mschapv2')],
    },
    client: { then: password('mschapv2', undefined, 'wrong') },
    outcome: failed('credentials-refused'),
    notWithStrongswan: notSwan,
  },
]
