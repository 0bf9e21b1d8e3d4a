/**
 * What the core needs of the world, in its own words. Types only. Each port has one real implementation a platform
 * (src-main/host) and one fake (test/fakes), and both pass the same contract test.
 */
import type {
  AeadName,
  AhIntegrityName,
  CbcName,
  CipherMacName,
  CtrName,
  EncryptionName,
  GroupName,
  HashName,
  IntegrityName,
} from '../src-shared/algorithms.ts'
import type { EpochMillis, Millis } from '../src-shared/brands.ts'
import type { ErrorCode } from '../src-shared/errors.ts'
import type { Result } from '../src-shared/result.ts'

export type Cancel = () => void

/** The part of an AbortSignal that the core uses; every AbortSignal is one. */
export interface Signal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Time. The core never reads it by itself. */
export interface Clock {
  /** Never goes back; its zero is arbitrary. */
  monotonic(): Millis
  wall(): EpochMillis
  /** Runs the task once, after the delay, unless cancelled. */
  after(delay: Millis, task: () => void): Cancel
}

export interface Random {
  /** Unpredictable bytes, a fresh array owned by the caller. */
  bytes(length: number): Uint8Array
}

/** An IP address in its canonical text form and a UDP port. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

// ---------------------------------------------------------------- crypto

/** A combined-mode cipher with its key. The tag, as long as the name says, ends what `seal` gives and `open` takes. */
export interface Aead {
  seal(nonce: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array
  /** Gives undefined when the tag is wrong. */
  open(nonce: Uint8Array, associated: Uint8Array, sealed: Uint8Array): Uint8Array | undefined
}

/** A block cipher in CBC mode with its key; whole blocks only, no padding of its own. */
export interface Cbc {
  encrypt(iv: Uint8Array, plaintext: Uint8Array): Uint8Array
  decrypt(iv: Uint8Array, ciphertext: Uint8Array): Uint8Array
}

/** A block cipher in counter mode with its key. */
export interface Ctr {
  /** Encrypts or decrypts. `counterBlock`: the 16 bytes of the first block, which never come twice under one key. */
  crypt(counterBlock: Uint8Array, data: Uint8Array): Uint8Array
}

/** One side's key exchange, shaped so that a KEM fits too: the responder answers what the initiator sent. */
export interface KeyExchange {
  initiate(): KeyExchangeOffer
  /** Fails on a public value that RFC 6989 says to refuse. */
  respond(
    initiatorValue: Uint8Array,
  ): Result<{ readonly publicValue: Uint8Array; readonly sharedSecret: Uint8Array }, 'invalid-public-value'>
}

export interface KeyExchangeOffer {
  readonly publicValue: Uint8Array
  /** The shared secret; the private value is erased by this call, or by `discard`. */
  complete(responderValue: Uint8Array): Result<Uint8Array, 'invalid-public-value'>
  discard(): void
}

export type KeyType = 'rsa' | 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521' | 'ed25519'

/**
 * `der`: ECDSA-Sig-Value (RFC 7427); `raw`: r and s side by side (RFC 4754). The last two are IKEv1's: they sign bytes that are
 * a hash already, RSA without naming the hash (RFC 2409 section 5.1), ECDSA with r and s side by side.
 */
export type SignatureScheme =
  | { readonly kind: 'rsa-pkcs1'; readonly hash: HashName }
  | { readonly kind: 'rsa-pss'; readonly hash: HashName; readonly saltLength: number }
  | { readonly kind: 'ecdsa'; readonly hash: HashName; readonly encoding: 'der' | 'raw' }
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'rsa-pkcs1-unnamed' }
  | { readonly kind: 'ecdsa-prehashed' }

/** A private key that can sign and cannot be read. */
export interface SigningKey {
  readonly type: KeyType
  sign(scheme: SignatureScheme, data: Uint8Array): Uint8Array
}

/** A public key taken from a certificate that was found trustworthy. */
export interface VerifyingKey {
  readonly type: KeyType
  /** RSA modulus length in bits; absent for others. */
  readonly bits?: number
  /** False for any mismatch, also of scheme and key type. */
  verify(scheme: SignatureScheme, data: Uint8Array, signature: Uint8Array): boolean
}

/** The public half of a pair for encryption alone, never one that signs (RFC 2409 sections 5.2 and 5.3). RSA. */
export interface EncryptionKey {
  /** As PKCS #1 version 1.5 has it. Throws RangeError for more than the modulus' length less 11 bytes. */
  encrypt(plaintext: Uint8Array): Uint8Array
}

/** The private half, which can decrypt and cannot be read. */
export interface DecryptionKey {
  /** Whatever is wrong with the ciphertext, `substitute` is given, and nothing else shows it. */
  decrypt(ciphertext: Uint8Array, substitute: Uint8Array): Uint8Array
}

export interface Crypto {
  hash(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array
  hmac(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array
  /** 16 bytes, with a key of 16 (RFC 3566, RFC 4493). */
  cipherMac(name: CipherMacName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array
  /** Keys: 16, 24 or 32 bytes; nonces, salt included: 12 bytes, 11 for CCM. */
  aead(name: AeadName, key: Uint8Array): Aead
  cbc(name: CbcName, key: Uint8Array): Cbc
  ctr(name: CtrName, key: Uint8Array): Ctr
  keyExchange(group: GroupName): KeyExchange
  /** In constant time for equal lengths. */
  equal(a: Uint8Array, b: Uint8Array): boolean
  /** MD4 and single DES in ECB mode: MSCHAPv2 alone needs them (RFC 2759). */
  md4(data: Uint8Array): Uint8Array
  desEncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array
}

/**
 * ESP's cipher for one direction of one SA, working in place on a packet slot. Its hot path neither allocates nor throws.
 * Buffer: `[… ESP header 8][IV ivLength][payload, padding, pad length, next header][ICV icvLength …]`, ESP header at `offset`.
 */
export interface PacketCipher {
  readonly ivLength: number
  readonly icvLength: number
  /** Payload, padding and trailer together are a multiple of this. */
  readonly blockLength: number
  /** Encrypts what lies behind the IV and writes IV and ICV. `length` runs from the ESP header to the end of the trailer. */
  seal(buffer: Uint8Array, offset: number, length: number, sequenceHigh: number, extended: boolean): void
  /** Verifies, then decrypts in place; false when the ICV is wrong. `length` runs from the ESP header to the end of the ICV. */
  open(buffer: Uint8Array, offset: number, length: number, sequenceHigh: number, extended: boolean): boolean
  /** Wipes the keys. */
  destroy(): void
}

/**
 * Integrity alone, for one direction of one SA: AH's. Its hot path does not throw. The bytes are taken as they lie there: who
 * calls has set to zero what is mutable, and the place of the check value itself when it lies among them (RFC 4302 section 3.3.3).
 * With `extended` the high half of the sequence number counts as if it stood behind them.
 */
export interface PacketIntegrity {
  /** Of what AH carries as its ICV; with GMAC the IV's 8 bytes in front are part of it (RFC 4543 section 4). */
  readonly icvLength: number
  /** Writes the check value of `length` bytes from `offset` into `icv` from `icvOffset`; `icv` may be the buffer itself. */
  compute(
    buffer: Uint8Array,
    offset: number,
    length: number,
    sequenceHigh: number,
    extended: boolean,
    icv: Uint8Array,
    icvOffset: number,
  ): void
  /** Whether the check value at `icvOffset` in `icv` is theirs; in constant time. `icv` holds all `icvLength` bytes of it. */
  verify(
    buffer: Uint8Array,
    offset: number,
    length: number,
    sequenceHigh: number,
    extended: boolean,
    icv: Uint8Array,
    icvOffset: number,
  ): boolean
  /** Wipes the keys. */
  destroy(): void
}

export interface PacketCrypto {
  /** Keys as IKE's keying material gives them; GMAC's with its salt of 4 bytes behind it. */
  integrity(parameters: { readonly integrity: AhIntegrityName; readonly key: Uint8Array }): PacketIntegrity
  /**
   * Keys as IKE's keying material gives them: encryption key with its salt behind it (RFC 4106 section 8.1, RFC 7634). `none`:
   * encryption alone, which only keys set by hand may ask for (RFC 4303 section 3.2.1). Throws TypeError for what does not go
   * together or is not to be had here, RangeError for keys of a wrong length.
   */
  cipher(parameters: {
    readonly encryption: EncryptionName
    readonly encryptionKey: Uint8Array
    readonly integrity?: IntegrityName | 'none'
    readonly integrityKey?: Uint8Array
  }): PacketCipher
}

// ---------------------------------------------------------------- trust

export type CertificateFailure = Extract<
  ErrorCode,
  | 'certificate-untrusted'
  | 'certificate-wrong-name'
  | 'certificate-expired'
  | 'certificate-unsuitable'
  | 'certificate-pin-mismatch'
  | 'certificate-revoked'
  | 'certificate-revocation-unknown'
>

/** What the peer says it is: the ID payload's type and data (RFC 7296 section 3.5). */
export type Identity =
  | { readonly kind: 'ipv4' | 'ipv6'; readonly address: string }
  | { readonly kind: 'fqdn' | 'email'; readonly name: string }
  | { readonly kind: 'dn'; readonly der: Uint8Array }
  | { readonly kind: 'key-id'; readonly data: Uint8Array }

export interface Trust {
  /**
   * Whether the chain leads from the end entity (first) to a configured authority, is in date, may be used for IKE in this
   * role and names this identity. Nothing is fetched for chains that end elsewhere.
   */
  verify(question: {
    readonly certificates: readonly Uint8Array[]
    readonly identity: Identity
    readonly role: 'gateway' | 'client' | 'eap-server'
    readonly at: EpochMillis
  }): Promise<
    Result<
      { readonly key: VerifyingKey; readonly subject: string },
      { readonly code: CertificateFailure; readonly details: Readonly<Record<string, string>> }
    >
  >
  /** SHA-1 of the SubjectPublicKeyInfo of each trusted authority: the content of CERTREQ (RFC 7296 section 3.7). */
  authorityKeyHashes(): readonly Uint8Array[]
}

// ---------------------------------------------------------------- asking authorities

export interface FetchRequest {
  /** Plain HTTP; anything else is refused. */
  readonly url: string
  /** Sent by POST; absent: GET. */
  readonly body?: { readonly type: string; readonly bytes: Uint8Array }
  readonly mostBytes: number
  readonly limit: Millis
}

/** One HTTP exchange. Follows nothing, keeps nothing, never rejects; the error says as a clause what became of it. */
export type Fetch = (request: FetchRequest) => Promise<Result<Uint8Array, string>>

/** Signed answers of authorities, which anybody may read; whoever takes one out checks it as if it had just come. */
export interface AnswerCache {
  get(key: string, now: EpochMillis): Promise<Uint8Array | undefined>
  /** Never rejects: what cannot be kept is fetched again. */
  put(key: string, bytes: Uint8Array, until: EpochMillis): Promise<void>
}

// ---------------------------------------------------------------- TLS

export type TlsState =
  | { readonly kind: 'handshaking' }
  | { readonly kind: 'established'; readonly version: '1.2' | '1.3' }
  /** `alert`: what the server says is wrong, in TLS's words (RFC 8446 section 6), where it was the server. */
  | { readonly kind: 'failed'; readonly reason: string; readonly alert?: string }

/**
 * The client's end of one TLS connection without a transport: records in, records out. It checks no name and trusts no authority;
 * whoever uses it does, and drains nothing after the server's certificates are known before they are found right. Resumes nothing.
 */
export interface TlsClient {
  /** Takes records of the server; none begins the handshake. Settles when all is done that can be done with them; never rejects. */
  feed(records: Uint8Array): Promise<TlsState>
  /** Encrypts, once established. Never rejects. */
  write(plaintext: Uint8Array): Promise<TlsState>
  /** The records that are to go to the server, which are then the caller's alone. */
  drain(): Uint8Array
  /** What the server has said inside, which is then the caller's alone, to be wiped. */
  read(): Uint8Array
  /** In DER, the server's own first; none before it has sent them. */
  serverCertificates(): readonly Uint8Array[]
  /** RFC 5705 and RFC 8446 section 7.5, once established. No context is another than an empty one. */
  exportKeyingMaterial(label: string, length: number, context?: Uint8Array): Uint8Array
  close(): void
}

// ---------------------------------------------------------------- network

/** DSCP and ECN bits of the outer IP header: the whole former TOS byte. */
export type TrafficClass = number

/** Called with a view that is only valid during the call, at `offset` in a buffer with room behind the datagram. */
export type DatagramHandler = (
  from: Endpoint,
  buffer: Uint8Array,
  offset: number,
  length: number,
  trafficClass: TrafficClass,
) => void

export type SendOutcome = 'sent' | 'would-block' | 'too-big' | 'unreachable' | 'failed'

export interface DatagramSocket {
  readonly family: 4 | 6
  readonly localPort: number
  /** The bytes are free again when it returns. Never throws. */
  send(
    to: Endpoint,
    buffer: Uint8Array,
    offset: number,
    length: number,
    trafficClass?: TrafficClass,
  ): SendOutcome
  /** One handler at a time; undefined stops delivery. */
  onDatagram(handler: DatagramHandler | undefined): void
  /** The address this machine would use towards the peer (a connected probe; sends nothing); undefined when there is no route. */
  localAddressTowards(to: Endpoint): string | undefined
  close(): void
}

export interface Datagrams {
  /** Port 0 takes any. Throws VpnError('port-busy' | 'no-privilege') when the port cannot be had. */
  open(family: 4 | 6, port: number, address?: string): DatagramSocket
}

/** Called with a view that is only valid during the call; `headroom` bytes before `offset` and behind the packet are the handler's too. */
export type PacketHandler = (buffer: Uint8Array, offset: number, length: number) => void

/** A layer-3 adapter that is open: whole IP packets in and out. */
export interface Tun {
  readonly name: string
  onPacket(handler: PacketHandler | undefined): void
  /** Writes one packet; false when the adapter's queue is full. */
  write(buffer: Uint8Array, offset: number, length: number): boolean
  close(): void
}

/** Whole IP packets of some protocols, headers included, beside the machine's own: ESP and AH without UDP. */
export interface RawPacketSocket {
  readonly family: 4 | 6
  /** To the destination in its header. The bytes are free again when it returns. Never throws. */
  send(buffer: Uint8Array, offset: number, length: number): SendOutcome
  /** One handler at a time; undefined stops delivery. Fragments were put together already. */
  onPacket(handler: PacketHandler | undefined): void
  close(): void
}

export interface RawPackets {
  /** `protocols`: of what is received; anything can be sent. Throws VpnError('no-privilege' | 'host-step-failed'). */
  open(family: 4 | 6, protocols: readonly number[]): RawPacketSocket
}

/** Room that a Tun leaves before each packet, so that the outer headers are written in place, and behind it for padding and ICV. */
export const PACKET_HEADROOM = 128
export const PACKET_TAILROOM = 128

export interface Prefix {
  readonly address: string
  readonly length: number
}

/** Packets from `remote` to `local`, which are canonical prefixes (`10.0.0.0/8`) of one family. */
export interface InboundRule {
  readonly action: 'accept' | 'drop'
  readonly remote: string
  readonly local: string
  /** Absent: any. Ports and messages are for a protocol that has them; both ends of a range are included. */
  readonly protocol?: number
  readonly remotePorts?: [number, number]
  readonly localPorts?: [number, number]
  /** ICMP: type × 256 + code. */
  readonly message?: [number, number]
}

/** All that a connection changes on this machine. Content, never paths or commands. */
export interface TunnelConfiguration {
  readonly mtu: number
  readonly addresses: readonly Prefix[]
  /** What is routed into the tunnel. `source`: whose packets they are by default; else the tunnel's own address of the family. */
  readonly routes: readonly (Prefix & { readonly source?: string })[]
  /**
   * The tunnel's own packets, kept outside it: towards this address, from this local UDP port. A client always says it; a
   * gateway, whose pool never holds its peers' outer addresses, does not.
   */
  readonly outside?: { readonly gateway: string; readonly localPort: number }
  /** The tunnel's own packets where they are not UDP: those that carry this mark (`RawPackets`) stay outside it. */
  readonly outsideMark?: number
  /** Whose ESP and AH come in outside it: their way back is there too, which strict reverse path filtering asks (RFC 3704). */
  readonly outsidePeers?: readonly string[]
  /** What may come in beside the tunnel, asked in order; what none names may, and so may ESP and AH. Needs nftables. */
  readonly inbound?: readonly InboundRule[]
  /** Absent: the machine's DNS stays as it is. Domains: only these are asked for inside; none: every name is. */
  readonly dns?: { readonly servers: readonly string[]; readonly domains: readonly string[] }
  /** The machine forwards packets between its links while this is open; what a gateway needs. */
  readonly forward?: boolean
}

export interface HostTunnel {
  readonly tun: Tun
  /** Makes the machine match the new configuration, with no gap for what stays the same. */
  reconfigure(configuration: TunnelConfiguration): Promise<void>
  /** Puts everything back, in reverse order. */
  close(): Promise<void>
}

/** A gateway's name in the profile, and the addresses that it was found under. */
export interface KnownGateway {
  readonly name: string
  readonly addresses: readonly string[]
}

/** What may leave this machine when nothing else may; loopback, DHCP and neighbour discovery always may. */
export interface Restriction {
  /** The tunnels' own packets: UDP from this port of ours to these of the gateway's. */
  readonly ways: readonly {
    readonly gateway: string
    readonly localPort: number
    readonly ports: readonly number[]
  }[]
  /** Adapters of ours (`HostTunnel.tun.name`) through which everything may go. */
  readonly adapters: readonly string[]
  /** Remembered with the block, for whoever connects again when no name can be resolved any more. */
  readonly known: readonly KnownGateway[]
}

/** Addresses, routes, DNS, firewall and the TUN adapter, through the privileged helper. Steps that fail throw HostError. */
export interface HostNetwork {
  /**
   * Finds out whether `open` may do its work, starts the helper and makes ready what can be; nothing goes another way yet.
   * Throws VpnError('no-tun' | 'no-privilege') and HostError. May be called again at any time.
   */
  prepare(): Promise<void>
  open(configuration: TunnelConfiguration): Promise<HostTunnel>
  /**
   * Lets nothing leave this machine but what is said; undefined lets out everything again. In one step, without a gap. When this
   * process ends, however it ends, what was restricted stays blocked until somebody says undefined. Throws HostError (without
   * nftables, or when another process restricts), VpnError('no-privilege').
   */
  restrict(restriction: Restriction | undefined): Promise<void>
  /** The block that an earlier run left: the gateways it knew. Undefined where there is none, and before `prepare`. */
  held(): readonly KnownGateway[] | undefined
  /** Called when addresses or routes outside the tunnel change. */
  onChange(handler: () => void): Cancel
  close(): Promise<void>
}

/** Names to addresses, in the order to try them. */
export interface Resolver {
  resolve(
    host: string,
    signal: Signal,
  ): Promise<readonly { readonly address: string; readonly family: 4 | 6 }[]>
}

// ---------------------------------------------------------------- keys for Wireshark

/** Where session keys go while the person wants them written down. One line at a time, without its end. Throws when it cannot. */
export interface KeyFiles {
  append(name: 'ikev2_decryption_table' | 'esp_sa', line: string): void
}

export type OpenKeyFiles = (directory: string) => KeyFiles

// ---------------------------------------------------------------- log

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

/** Carries SPIs, lengths and names; never keys, passwords or payload bytes. */
export type Log = (
  level: LogLevel,
  area: string,
  message: string,
  fields?: Readonly<Record<string, string | number | boolean>>,
) => void
