/**
 * A connection profile: everything about a gateway and how to reach it, and no secret. Stored as JSON; `version` grows
 * with every change of meaning. Documented for people in docs/profile.md.
 */
import * as v from 'valibot'

/** One line for people: nothing in it can steer a terminal or hide. */
const text = v.pipe(
  v.string(),
  v.nonEmpty('Must not be empty'),
  v.maxLength(1024),
  v.check(
    (value) => !/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u.test(value),
    'Must be one line without control characters',
  ),
)
const seconds = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10 * 365 * 86_400))
const pem = v.pipe(v.string(), v.maxLength(65_536), v.includes('-----BEGIN CERTIFICATE-----'))
/** A trusted certificate: PEM, or `certificate:ID`, one that Culvert keeps apart from profiles. */
const trusted = v.pipe(
  v.string(),
  v.maxLength(65_536),
  v.regex(
    /-----BEGIN CERTIFICATE-----|^certificate:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/,
    'Must be a certificate in PEM, or certificate: and the id of a kept one',
  ),
)
const ipAddress = v.pipe(v.string(), v.ip('Must be an IP address such as 10.0.0.1 or fd00::1'))
const ipv4 = v.pipe(v.string(), v.ipv4())

/** An address, a slash and a length that its family has. */
const prefix = v.pipe(
  v.string(),
  v.check((value) => {
    const [address = '', length = '', ...more] = value.split('/')
    if (more.length > 0 || !v.is(ipAddress, address) || !/^(?:0|[1-9]\d{0,2})$/.test(length)) return false
    return Number(length) <= (v.is(ipv4, address) ? 32 : 128)
  }, 'Must be an address prefix such as 10.0.0.0/8 or fd00::/8'),
)

/** A DNS name or an IP address; what a resolver is asked for. */
const host = v.pipe(
  v.string(),
  v.maxLength(253),
  v.check(
    (value) =>
      v.is(ipAddress, value) ||
      (/^(?!-)[\p{L}\p{N}_-]{1,63}(?:\.[\p{L}\p{N}_-]{1,63})*\.?$/u.test(value) && !/^[\d.]+$/.test(value)),
    'Must be a host name or an IP address, without scheme or port',
  ),
)

/** A domain for DNS, perhaps with a leading dot or `~` as people write them. */
const domain = v.pipe(
  v.string(),
  v.maxLength(253),
  v.regex(
    /^[~.]?[\p{L}\p{N}_-]{1,63}(?:\.[\p{L}\p{N}_-]{1,63})*\.?$/u,
    'Must be a domain such as corp.example',
  ),
)

const proposalText = v.pipe(
  v.string(),
  v.maxLength(512),
  v.regex(/^[a-z0-9_]+(?:-[a-z0-9_]+)*$/, 'Must be a proposal such as aes256gcm16-prfsha384-ecp384'),
)

/** Where a secret comes from when it is needed; never the secret itself. */
export const SecretReference = v.variant('from', [
  v.strictObject({ from: v.literal('prompt') }),
  v.strictObject({ from: v.literal('file'), path: text }),
  /** An entry of Culvert's own secret store, named by this id. */
  v.strictObject({ from: v.literal('store'), id: text }),
])

const spkiPin = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/, 'Must be 32 bytes in base64'))

/**
 * The server that the user logs in at by EAP-TLS, EAP-TTLS or PEAP, which need not be the gateway. What is not said here is as with
 * the gateway; it is always checked, and nothing of the user is shown before.
 */
export const LogInServer = v.strictObject({
  /** What its certificate must name; default: what the gateway must prove to be, or the gateway's address. */
  identity: v.optional(text),
  /** Default: those of the gateway where it proves itself by a certificate, else the system's. */
  authorities: v.optional(v.pipe(v.array(pem), v.maxLength(256))),
  /** As the gateway's. */
  pin: v.optional(spkiPin),
})

/** A user name and a password, by EAP. A code that the gateway asks for besides is never part of a profile. */
const EapAuthentication = v.strictObject({
  method: v.literal('eap'),
  username: text,
  password: SecretReference,
  /** Which methods the gateway may ask for; the strongest is preferred when it leaves a choice. */
  allow: v.optional(v.pipe(v.array(v.picklist(['mschapv2', 'gtc', 'md5', 'ttls', 'peap'])), v.minLength(1)), [
    'mschapv2',
    'gtc',
  ]),
  /** How the password is proven within EAP-TTLS or PEAP; default: MSCHAPv2. `pap` is for EAP-TTLS alone. */
  inner: v.optional(v.picklist(['mschapv2', 'pap', 'eap-mschapv2', 'gtc'])),
  /** What is said outside of TLS instead of the user name. */
  anonymousIdentity: v.optional(text),
  server: v.optional(LogInServer),
})

/** The method by which the user proves who they are. */
export const LocalAuthentication = v.variant('method', [
  v.strictObject({ method: v.literal('psk'), secret: SecretReference }),
  v.strictObject({
    method: v.literal('certificate'),
    /** The user's certificate first, then what leads to the authority; empty when `key` is a PKCS#12 file that holds them. */
    certificates: v.pipe(v.array(pem), v.maxLength(16)),
    /** PKCS#8 or traditional PEM, perhaps encrypted; or the PKCS#12 file that holds key and certificates; or of the store, `certificate:ID`: a kept one with its key. */
    key: SecretReference,
    /** What opens an encrypted key or PKCS#12 file; not asked for when it needs none. */
    keyPassword: v.optional(SecretReference, { from: 'prompt' }),
    /** The certificate is shown within EAP-TLS instead of in IKE itself. */
    eap: v.optional(
      v.strictObject({
        /** What is said outside of TLS; default: what the certificate says. */
        identity: v.optional(text),
        server: v.optional(LogInServer),
      }),
    ),
  }),
  EapAuthentication,
])

/** How the gateway proves who it is; always done before any EAP identity or password leaves. */
export const RemoteAuthentication = v.variant('method', [
  v.strictObject({ method: v.literal('psk'), secret: SecretReference }),
  v.strictObject({
    method: v.literal('certificate'),
    /** Trusted authorities, or the gateway's own certificate; empty means the system's authorities. */
    authorities: v.pipe(v.array(trusted), v.maxLength(256)),
    /** SHA-256 of the SubjectPublicKeyInfo, base64; the gateway's key must be this one as well. */
    pin: v.optional(spkiPin),
    /** Whether authorities are asked if the gateway's certificate is revoked; absent means `when-reachable`. */
    revocation: v.optional(
      v.picklist(['strict', 'when-reachable', 'off'], 'Must be strict, when-reachable or off'),
    ),
  }),
])

const ProfileFields = v.strictObject({
  version: v.literal(1),
  id: v.pipe(v.string(), v.uuid()),
  name: v.pipe(text, v.maxLength(128)),
  gateway: v.strictObject({
    /** A name or an address. */
    address: host,
    /** Where the first message goes. 500 moves to 4500 when there is a NAT; anything else is used for everything (RFC 7296 section 2.23). */
    port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)), 500),
  }),
  ikeVersion: v.picklist([1, 2], 'Must be 1 or 2'),
  /** For version 1 alone. There `local` by user name and password means XAUTH, beside the gateway's shared key or certificate. */
  ikev1: v.optional(
    v.strictObject({
      /** `aggressive` shows identities to everyone and lets a shared key be guessed; only where the gateway takes nothing else. */
      mode: v.picklist(['main', 'aggressive']),
      /**
       * Both ends prove themselves by opening what was sealed with their public keys (RFC 2409 sections 5.2 and 5.3), in place of
       * what `local` and `remote` say; a user name and password in `local` is XAUTH afterwards.
       */
      encryption: v.optional(
        v.strictObject({
          /** `original` only where the gateway has nothing else. */
          method: v.optional(v.picklist(['revised', 'original']), 'revised'),
          /** RSA, PEM, not encrypted: a key pair of its own, that never signs. */
          key: SecretReference,
          gatewayKey: v.pipe(
            v.string(),
            v.maxLength(16_384),
            v.includes('-----BEGIN PUBLIC KEY-----', 'Must be a public key in PEM'),
          ),
        }),
      ),
    }),
    { mode: 'main' },
  ),
  local: v.strictObject({
    /** In strongSwan's notation: `vpn.example.org`, `user@example.org`, `10.0.0.1`, `CN=…`, `keyid:hex`. Default: from the certificate, the user name, or our address. */
    identity: v.optional(text),
    authentication: LocalAuthentication,
    /** A second round behind the first, which is then a certificate or a shared key in IKE itself (RFC 4739). */
    then: v.optional(v.strictObject({ identity: v.optional(text), authentication: EapAuthentication })),
  }),
  remote: v.strictObject({
    /** Who the gateway must prove to be; default: the gateway's address. `%any` accepts what the authority vouches for. */
    identity: v.optional(text),
    authentication: RemoteAuthentication,
    /** The gateway may prove itself by EAP-TLS, EAP-TTLS or PEAP alone, where it is the server of the log-in too (RFC 5998). */
    eapOnly: v.optional(v.boolean()),
  }),
  /** As administrators write them, `aes256gcm16-prfsha384-ecp384`; empty means the recommended ones. */
  proposals: v.optional(
    v.strictObject({
      ike: v.pipe(v.array(proposalText), v.maxLength(32)),
      esp: v.pipe(v.array(proposalText), v.maxLength(32)),
    }),
    { ike: [], esp: [] },
  ),
  traffic: v.optional(
    v.strictObject({
      /** What is to go through the tunnel. */
      remote: v.pipe(
        v.array(prefix),
        v.minLength(1, 'Name at least one network, such as 0.0.0.0/0'),
        v.maxLength(255),
      ),
      /** Our side of it when no virtual address is asked for; empty means our own address. */
      local: v.pipe(v.array(prefix), v.maxLength(255)),
    }),
    { remote: ['0.0.0.0/0', '::/0'], local: [] },
  ),
  virtualAddress: v.optional(v.strictObject({ ipv4: v.boolean(), ipv6: v.boolean() }), {
    ipv4: true,
    ipv6: true,
  }),
  dns: v.optional(
    v.strictObject({
      /** Used instead of the gateway's when not empty. */
      servers: v.pipe(v.array(ipAddress), v.maxLength(16)),
      domains: v.pipe(v.array(domain), v.maxLength(64)),
    }),
    { servers: [], domains: [] },
  ),
  lifetimes: v.optional(
    v.strictObject({
      /** When we rekey the IKE SA and a Child SA, before jitter. */
      ikeSeconds: v.optional(seconds, 4 * 3600),
      childSeconds: v.optional(seconds, 3600),
      childBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
      childPackets: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    }),
    {},
  ),
  /** How long the gateway may be silent before we ask whether it is alive; 0 never asks. */
  livenessSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3600)), 30),
  natKeepaliveSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3600)), 20),
  /** UDP encapsulation even where no NAT was found. */
  forceEncapsulation: v.optional(v.boolean(), false),
  fragmentation: v.optional(v.boolean(), true),
  /** Packets; 32 to 4096 (RFC 4303 section 3.4.3). */
  replayWindow: v.optional(v.pipe(v.number(), v.integer(), v.minValue(32), v.maxValue(4096)), 64),
  mtu: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1280), v.maxValue(9000))),
  /** Reconnect by itself after trouble that a retry can mend. */
  reconnect: v.optional(v.boolean(), true),
})

/** Methods that come down to a password, as XAUTH does. */
const xauthLike: ReadonlySet<string> = new Set(['mschapv2', 'gtc', 'md5'])

/** The fields, and what they must be to each other. */
export const Profile = v.pipe(
  ProfileFields,
  v.forward(
    v.check(({ remote }) => {
      const { authentication, identity } = remote
      // Anyone can get a certificate from a public authority: without a name to compare, it would prove nothing.
      return (
        authentication.method !== 'certificate' ||
        identity !== '%any' ||
        authentication.authorities.length > 0 ||
        authentication.pin !== undefined
      )
    }, 'With %any, name the authorities yourself or pin the key: the system authorities vouch for everybody'),
    ['remote', 'identity'],
  ),
  v.forward(
    v.check(
      ({ ikeVersion, ikev1, local }) =>
        ikev1.encryption === undefined ||
        (ikeVersion === 1 && local.authentication.method !== 'certificate' && local.identity !== undefined),
      'Public-key encryption is for version 1, with an identity of yours, and without a certificate of yours',
    ),
    ['ikev1', 'encryption'],
  ),
  v.forward(
    v.check(
      // RFC 5998 section 4; what MSCHAPv2 proves can be broken, and its key with it.
      ({ local, remote }) => remote.eapOnly !== true || isWithinTls(local.authentication),
      'Only EAP-TLS, EAP-TTLS and PEAP prove the gateway; allow no other method with this',
    ),
    ['remote', 'eapOnly'],
  ),
  v.forward(
    v.check(
      ({ local: { authentication, then } }) =>
        then === undefined ||
        authentication.method === 'psk' ||
        (authentication.method === 'certificate' && authentication.eap === undefined),
      'A second round stands behind a certificate or a pre-shared key',
    ),
    ['local', 'then'],
  ),
  v.forward(
    v.check(
      ({ ikeVersion, local: { authentication, then } }) =>
        ikeVersion === 2 ||
        // With version 1 the second round is XAUTH, which knows a password and codes and nothing else.
        ((then === undefined || then.authentication.allow.every((method) => xauthLike.has(method))) &&
          (authentication.method !== 'certificate' || authentication.eap === undefined)),
      'EAP within TLS is for IKEv2',
    ),
    ['ikeVersion'],
  ),
  v.forward(
    v.check(
      ({ local: { authentication, then } }) =>
        [authentication, then?.authentication].every(
          (one) => one?.method !== 'eap' || one.inner !== 'pap' || !one.allow.includes('peap'),
        ),
      'PEAP has no PAP inside; choose EAP-TTLS for it',
    ),
    ['local', 'authentication'],
  ),
)

/** Whether the user is asked for nothing but methods that prove the server before, and give a key. */
function isWithinTls(authentication: v.InferOutput<typeof LocalAuthentication>): boolean {
  switch (authentication.method) {
    case 'psk':
      return false
    case 'certificate':
      return authentication.eap !== undefined
    case 'eap':
      return authentication.allow.every((method) => method === 'ttls' || method === 'peap')
  }
}

export type Profile = v.InferOutput<typeof Profile>
export type SecretReference = v.InferOutput<typeof SecretReference>
export type LocalAuthentication = v.InferOutput<typeof LocalAuthentication>
export type RemoteAuthentication = v.InferOutput<typeof RemoteAuthentication>
export type LogInServer = v.InferOutput<typeof LogInServer>
export type EapAuthentication = v.InferOutput<typeof EapAuthentication>
