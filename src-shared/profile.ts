/**
 * A connection profile: everything about a gateway and how to reach it, and no secret. Stored as JSON; `version` grows
 * with every change of meaning. Documented for people in docs/profile.md.
 */
import * as v from 'valibot'

const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(1024))
const seconds = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10 * 365 * 86_400))
const pem = v.pipe(v.string(), v.maxLength(65_536), v.includes('-----BEGIN CERTIFICATE-----'))
const prefix = v.pipe(
  v.string(),
  v.regex(/^[0-9a-fA-F.:]+\/\d{1,3}$/, 'An address prefix such as 10.0.0.0/8'),
)

/** Where a secret comes from when it is needed; never the secret itself. */
export const SecretReference = v.variant('from', [
  v.strictObject({ from: v.literal('prompt') }),
  v.strictObject({ from: v.literal('file'), path: text }),
  /** An entry of Culvert's own secret store, named by this id. */
  v.strictObject({ from: v.literal('store'), id: text }),
])

/** The method by which the user proves who they are. */
export const LocalAuthentication = v.variant('method', [
  v.strictObject({ method: v.literal('psk'), secret: SecretReference }),
  v.strictObject({
    method: v.literal('certificate'),
    /** The user's certificate first, then what leads to the authority. */
    certificates: v.pipe(v.array(pem), v.minLength(1)),
    /** PKCS#8 or traditional PEM, perhaps encrypted; or the PKCS#12 file that held both. */
    key: SecretReference,
  }),
  v.strictObject({
    method: v.literal('eap'),
    username: text,
    password: SecretReference,
    /** Which methods the gateway may ask for; the strongest is preferred when it leaves a choice. */
    allow: v.optional(v.array(v.picklist(['mschapv2', 'gtc', 'md5'])), ['mschapv2', 'gtc']),
  }),
])

/** How the gateway proves who it is; always done before any EAP identity or password leaves. */
export const RemoteAuthentication = v.variant('method', [
  v.strictObject({ method: v.literal('psk'), secret: SecretReference }),
  v.strictObject({
    method: v.literal('certificate'),
    /** Trusted authorities, or the gateway's own certificate; empty means the system's authorities. */
    authorities: v.array(pem),
    /** SHA-256 of the SubjectPublicKeyInfo, base64; the gateway's key must be this one as well. */
    pin: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/))),
  }),
])

export const Profile = v.strictObject({
  version: v.literal(1),
  id: v.pipe(v.string(), v.uuid()),
  name: v.pipe(text, v.maxLength(128)),
  gateway: v.strictObject({
    /** A name or an address. */
    address: text,
    /** Where the first message goes. 500 moves to 4500 when there is a NAT; anything else is used for everything (RFC 7296 section 2.23). */
    port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)), 500),
  }),
  ikeVersion: v.literal(2),
  local: v.strictObject({
    /** In strongSwan's notation: `vpn.example.org`, `user@example.org`, `10.0.0.1`, `CN=…`, `keyid:hex`. Default: from the certificate, the user name, or our address. */
    identity: v.optional(text),
    authentication: LocalAuthentication,
  }),
  remote: v.strictObject({
    /** Who the gateway must prove to be; default: the gateway's address. `%any` accepts what the authority vouches for. */
    identity: v.optional(text),
    authentication: RemoteAuthentication,
  }),
  /** As administrators write them, `aes256gcm16-prfsha384-ecp384`; empty means the recommended ones. */
  proposals: v.optional(v.strictObject({ ike: v.array(text), esp: v.array(text) }), { ike: [], esp: [] }),
  traffic: v.optional(
    v.strictObject({
      /** What is to go through the tunnel. */
      remote: v.array(prefix),
      /** Our side of it when no virtual address is asked for; empty means our own address. */
      local: v.array(prefix),
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
      servers: v.array(v.pipe(v.string(), v.ip())),
      domains: v.array(text),
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

export type Profile = v.InferOutput<typeof Profile>
export type SecretReference = v.InferOutput<typeof SecretReference>
export type LocalAuthentication = v.InferOutput<typeof LocalAuthentication>
export type RemoteAuthentication = v.InferOutput<typeof RemoteAuthentication>
