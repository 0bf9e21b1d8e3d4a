/** The gateway's configuration file: JSON, checked, no secret in it (those are in files of their own). See docs/gateway.md. */
import * as v from 'valibot'

const line = v.pipe(
  v.string(),
  v.nonEmpty('Must not be empty'),
  v.maxLength(1024),
  v.regex(/^[^\p{Cc}]*$/u, 'Must be one line without control characters'),
)
const path = line
const ipAddress = v.pipe(v.string(), v.ip('Must be an IP address'))
const prefix = v.pipe(
  v.string(),
  v.regex(/^[0-9a-fA-F:.]+\/(?:0|[1-9]\d{0,2})$/, 'Must be a network such as 10.9.0.0/24'),
)
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))
const seconds = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most))
const few = <Item extends v.GenericSchema>(item: Item, most: number) =>
  v.pipe(v.array(item), v.maxLength(most))
const day = 86_400

export const GatewayProfile = v.pipe(
  v.strictObject({
    version: v.literal(1),
    listen: v.optional(
      v.strictObject({
        /** Of this machine; empty: all. */
        addresses: v.optional(few(ipAddress, 16), []),
        /** Where IKE begins. Null: only the port below, for gateways that are not root; clients then name it. */
        ikePort: v.optional(v.nullable(port), 500),
        /** IKE and ESP in UDP. */
        natPort: v.optional(port, 4500),
      }),
      {},
    ),
    /** Who we are: `vpn.example.org`, an address, a DN. */
    identity: line,
    /** How we prove it. PEM files; the certificate's chain may follow it in its file. */
    authentication: v.variant('method', [
      v.strictObject({ method: v.literal('psk') }),
      v.strictObject({ method: v.literal('certificate'), certificateFile: path, keyFile: path }),
    ]),
    /** The ways in. */
    clients: v.strictObject({
      /** Identity `%any` is everyone else. The secret is the file's only line. */
      psk: v.optional(few(v.strictObject({ identity: line, secretFile: path }), 1024), []),
      certificate: v.optional(
        v.strictObject({
          /** PEM files of the authorities that issue to clients. */
          authorityFiles: v.pipe(v.array(path), v.minLength(1), v.maxLength(16)),
          /** Empty: everyone whom the authorities vouch for. */
          identities: v.optional(few(line, 1024), []),
        }),
      ),
      eap: v.optional(
        v.strictObject({
          /** GTC and MD5 are for tests and old clients; the preferred one first. */
          methods: v.optional(
            v.pipe(v.array(v.picklist(['mschapv2', 'gtc', 'md5'])), v.minLength(1), v.maxLength(3)),
            ['mschapv2'],
          ),
          users: few(v.strictObject({ name: line, passwordFile: path }), 1024),
        }),
      ),
    }),
    /** Which versions of IKE are answered. */
    versions: v.optional(
      v.pipe(
        v.array(v.picklist([1, 2])),
        v.minLength(1),
        v.maxLength(2),
        v.check((list) => new Set(list).size === list.length, 'Each version once'),
      ),
      [2],
    ),
    /** For version 1 alone. Its ways in are those of `clients.psk` and `clients.certificate`, and the users here. */
    ikev1: v.optional(
      v.strictObject({
        /** Answer aggressive mode too, which shows identities and lets a shared key be guessed. */
        aggressive: v.optional(v.boolean(), false),
        /** Users who log in by XAUTH. */
        xauth: v.optional(
          v.strictObject({
            /** The ways in that need it: behind the shared key, behind the certificate, or alone against our certificate. */
            after: v.pipe(
              v.array(v.picklist(['psk', 'certificate', 'hybrid'])),
              v.minLength(1),
              v.maxLength(3),
            ),
            users: v.pipe(
              v.array(v.strictObject({ name: line, passwordFile: path })),
              v.minLength(1),
              v.maxLength(1024),
            ),
          }),
        ),
        /** Authentication by public-key encryption, with a key pair that never signs (RFC 2409 sections 5.2 and 5.3). */
        encryption: v.optional(
          v.strictObject({
            /** The original method only for clients that have nothing else. */
            methods: v.optional(
              v.pipe(v.array(v.picklist(['revised', 'original'])), v.minLength(1), v.maxLength(2)),
              ['revised'],
            ),
            /** RSA, PEM, not encrypted. */
            keyFile: path,
            /** Clients and their public keys, PEM. */
            clients: v.pipe(
              v.array(v.strictObject({ identity: line, publicKeyFile: path })),
              v.minLength(1),
              v.maxLength(1024),
            ),
          }),
        ),
        /** Whether clients ask for their address, or have it pushed upon them. */
        modeConfig: v.optional(v.picklist(['pull', 'push']), 'pull'),
        /** Shown to the person by clients that show it. */
        banner: v.optional(line),
        /** Tell clients of Cisco's kind which networks alone to send here. */
        splitInclude: v.optional(v.boolean(), true),
      }),
      {},
    ),
    /** Virtual addresses; the first of each is the gateway's own. */
    pools: v.strictObject({ ipv4: v.optional(prefix), ipv6: v.optional(prefix) }),
    /** What clients may reach through us. */
    networks: v.pipe(v.array(prefix), v.minLength(1), v.maxLength(64)),
    dns: v.optional(
      v.strictObject({
        servers: v.optional(few(ipAddress, 16), []),
        domains: v.optional(few(line, 16), []),
      }),
      {},
    ),
    proposals: v.optional(
      v.strictObject({ ike: v.optional(few(line, 16), []), esp: v.optional(few(line, 16), []) }),
      {},
    ),
    /** Whether strangers must show first that they receive at their address: always, or when many are at the door. */
    cookies: v.optional(v.picklist(['auto', 'always']), 'auto'),
    fragmentation: v.optional(v.boolean(), true),
    /** When clients must authenticate again (RFC 4478). Absent: never. */
    authLifetimeSeconds: v.optional(seconds(10, 30 * day)),
    lifetimes: v.optional(
      v.strictObject({
        ikeSeconds: v.optional(seconds(10, 30 * day), 8 * 3600),
        childSeconds: v.optional(seconds(10, 30 * day), 2 * 3600),
      }),
      {},
    ),
    /** How long a client may be silent before we ask; 0 never asks. */
    livenessSeconds: v.optional(seconds(0, 3600), 60),
    replayWindow: v.optional(v.pipe(v.number(), v.integer(), v.minValue(32), v.maxValue(4096)), 64),
    mtu: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1280), v.maxValue(9000)), 1400),
    limits: v.optional(
      v.strictObject({
        clients: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096)), 256),
        /** First requests answered and not yet authenticated. */
        halfOpen: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096)), 256),
        halfOpenPerAddress: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096)), 16),
      }),
      {},
    ),
  }),
  v.forward(
    v.check(
      ({ pools }) => pools.ipv4 !== undefined || pools.ipv6 !== undefined,
      'Name a pool of virtual addresses, ipv4 or ipv6',
    ),
    ['pools'],
  ),
  v.forward(
    v.check(
      ({ authentication, clients, ikev1 }) =>
        authentication.method === 'certificate' || clients.psk.length > 0 || ikev1.encryption !== undefined,
      'A gateway without a certificate needs clients with a pre-shared key',
    ),
    ['clients', 'psk'],
  ),
  v.forward(
    v.check(
      ({ authentication, clients }) =>
        // What facts and history say: MSCHAPv2 with a shared secret can be relayed and broken; so can the others.
        authentication.method === 'certificate' || clients.eap === undefined,
      'Users with a password need a gateway with a certificate',
    ),
    ['clients', 'eap'],
  ),
)

export type GatewayProfile = v.InferOutput<typeof GatewayProfile>
