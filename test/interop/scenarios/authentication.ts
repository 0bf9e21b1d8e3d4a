import { userName, userPassword } from '../lab/defaults.ts'
import type { CertificateName } from '../lab/pki.ts'
import type { Credential, Scenario } from '../lab/scenario.ts'

const certificate = (name: CertificateName): Credential & { method: 'certificate' } => ({
  method: 'certificate',
  certificate: name,
})

const certificatePair = (
  name: string,
  gateway: CertificateName,
  user: CertificateName,
  gatewayLog?: RegExp,
): Scenario => ({
  name,
  gateway: { proves: certificate(gateway), asks: certificate(user) },
  outcome: { kind: 'connected', ...(gatewayLog === undefined ? {} : { gatewayLog: [gatewayLog] }) },
})

const eap = (method: 'mschapv2' | 'gtc' | 'md5'): Credential & { method: 'eap' } => ({
  method: 'eap',
  eap: method,
  username: userName,
  password: userPassword,
})

export const authentication: readonly Scenario[] = [
  {
    name: 'psk',
    outcome: {
      kind: 'connected',
      ike: { encryption: 'aes-gcm-16', keyBits: 256, prf: 'hmac-sha384', group: 'curve25519' },
      esp: { encryption: 'aes-gcm-16', keyBits: 256 },
    },
  },
  certificatePair(
    'certificates rsa 2048',
    'gateway-rsa-2048',
    'user-rsa-2048',
    /RSA_EMSA_PKCS1_SHA2_\d+ successful|RSA_EMSA_PSS/,
  ),
  certificatePair('certificates rsa 3072 gateway', 'gateway-rsa-3072', 'user-rsa-2048'),
  certificatePair(
    'certificates ecdsa p256',
    'gateway-ecdsa-p256',
    'user-ecdsa-p256',
    /ECDSA_WITH_SHA256_DER successful/,
  ),
  certificatePair(
    'certificates ecdsa p384',
    'gateway-ecdsa-p384',
    'user-ecdsa-p384',
    /ECDSA_WITH_SHA384_DER successful/,
  ),
  certificatePair('certificates ed25519', 'gateway-ed25519', 'user-ed25519', /ED25519 successful/),
  {
    // RFC 7296 section 2.15: methods 1 and 9, when the gateway knows no RFC 7427.
    name: 'certificates rsa, gateway without signature authentication',
    gateway: {
      proves: certificate('gateway-rsa-2048'),
      asks: certificate('user-rsa-2048'),
      charon: { signature_authentication: false },
    },
    outcome: {
      kind: 'connected',
      gatewayLog: [/authentication of '[^']*rsa@example.test' with RSA signature successful/],
    },
  },
  {
    name: 'certificates ecdsa, gateway without signature authentication',
    gateway: {
      proves: certificate('gateway-ecdsa-p256'),
      asks: certificate('user-ecdsa-p256'),
      charon: { signature_authentication: false },
    },
    outcome: {
      kind: 'connected',
      gatewayLog: [/authentication of '[^']*p256@example.test' with ECDSA-256 signature successful/],
    },
  },
  {
    name: 'certificates rsa-pss',
    gateway: {
      proves: certificate('gateway-rsa-2048'),
      asks: certificate('user-rsa-2048'),
      charon: { rsa_pss: true },
    },
    outcome: {
      kind: 'connected',
      gatewayLog: [/authentication of 'vpn.example.test' \(myself\) with RSA_EMSA_PSS_SHA2_\d+/],
    },
  },
  {
    name: 'gateway certificate, user psk',
    gateway: { proves: certificate('gateway-ecdsa-p256') },
    outcome: { kind: 'connected' },
  },
  {
    name: 'eap-mschapv2',
    gateway: { proves: certificate('gateway-ecdsa-p256'), asks: eap('mschapv2') },
    outcome: { kind: 'connected', gatewayLog: [/EAP method EAP_MSCHAPV2 succeeded/] },
  },
  {
    name: 'eap-gtc',
    gateway: { proves: certificate('gateway-ecdsa-p256'), asks: eap('gtc') },
    outcome: { kind: 'connected', gatewayLog: [/EAP method EAP_GTC succeeded/] },
  },
  {
    name: 'eap-md5',
    gateway: { proves: certificate('gateway-ecdsa-p256'), asks: eap('md5') },
    outcome: { kind: 'connected', gatewayLog: [/EAP method EAP_MD5 succeeded/] },
  },
]
