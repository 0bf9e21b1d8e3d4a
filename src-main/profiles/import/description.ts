/**
 * What a file says about one connection, in words that no format owns. Importers fill it; description-to-profile.ts makes a profile
 * of it, or says why Culvert cannot. It holds more than Culvert can do.
 */

import type { EapAuthentication } from '../../../src-shared/profile.ts'

export type EapName = 'mschapv2' | 'gtc' | 'md5' | 'tls' | 'ttls' | 'peap'

/** A private key or PKCS#12 file as it came. */
export interface KeyMaterial {
  readonly kind: 'key' | 'pkcs12'
  readonly bytes: Uint8Array
  /** Whether the bytes protect themselves. */
  readonly encrypted: boolean
  /** The relative name under which `files` gave it. */
  readonly origin?: string
  /** What opens it. */
  readonly password?: Uint8Array
}

export interface UserCertificate {
  /** PEM; empty when `key` is a PKCS#12 file. */
  readonly certificates: readonly string[]
  readonly key: KeyMaterial
}

export type LocalProof =
  | { readonly kind: 'psk'; readonly secret?: Uint8Array | undefined }
  | ({ readonly kind: 'certificate' } & UserCertificate)
  | {
      readonly kind: 'eap'
      readonly username?: string | undefined
      readonly password?: Uint8Array | undefined
      readonly methods: readonly EapName[]
      /** For EAP-TLS. */
      readonly certificate?: UserCertificate | undefined
      /** Within EAP-TTLS or PEAP; MSCHAPv2 where it is not said. */
      readonly inner?: NonNullable<EapAuthentication['inner']> | undefined
      readonly anonymousIdentity?: string | undefined
      /** The name of the server that the user logs in at, where it is not the gateway's. */
      readonly server?: string | undefined
    }

export type RemoteProof =
  | { readonly kind: 'psk'; readonly secret?: Uint8Array | undefined }
  /** Empty: the system's authorities. */
  | { readonly kind: 'certificate'; readonly authorities: readonly string[]; readonly pin?: string }

export type IkeVersion =
  | { readonly version: 2 }
  | {
      readonly version: 1
      readonly exchange: 'main' | 'aggressive'
      /** The user's own password after the group's or the certificate's proof. */
      readonly xauth?: { readonly username?: string | undefined; readonly password?: Uint8Array | undefined }
      /** The gateway proves itself by a certificate, the user by XAUTH alone. */
      readonly hybrid?: boolean
      /** How addresses inside are had: asked for, given, or not at all. */
      readonly modeConfig?: 'pull' | 'push' | 'none'
      readonly vendor?: string
    }

export interface Placed<Value> {
  readonly where: string
  readonly value: Value
}

export interface Description {
  /** The place of the connection in the file. */
  readonly where: string
  /** What makes the id, so that a second import updates; a UUID of the file itself as `uuid`. */
  readonly seeds: readonly string[]
  readonly uuid?: string | undefined
  readonly name: string
  readonly ike: IkeVersion
  readonly gateway: { readonly address: string; readonly port?: number | undefined }
  readonly local: {
    readonly identity?: string | undefined
    readonly proof: LocalProof
    /** A second round behind it (RFC 4739), by a user name and a password. */
    readonly then?: (LocalProof & { readonly kind: 'eap' }) | undefined
    readonly where: string
  }
  readonly remote: {
    readonly identity?: string | undefined
    readonly proof: RemoteProof
    /** EAP is to prove the gateway (RFC 5998); `proof` says whom it may be. */
    readonly eapOnly?: boolean | undefined
  }
  /** Keywords as strongSwan writes them; `usableProposals` looks at each. */
  readonly proposals?: { readonly ike?: Placed<readonly string[]>; readonly esp?: Placed<readonly string[]> }
  readonly traffic?: { readonly remote: readonly string[]; readonly local?: readonly string[] } | undefined
  readonly virtualAddress?: { readonly ipv4: boolean; readonly ipv6: boolean } | undefined
  readonly dns?: { readonly servers: readonly string[]; readonly domains: readonly string[] } | undefined
  readonly lifetimes?:
    | {
        readonly ikeSeconds?: number | undefined
        readonly childSeconds?: number | undefined
        readonly childBytes?: number | undefined
        readonly childPackets?: number | undefined
      }
    | undefined
  readonly livenessSeconds?: number | undefined
  readonly natKeepaliveSeconds?: number | undefined
  readonly forceEncapsulation?: boolean | undefined
  readonly fragmentation?: boolean | undefined
  readonly replayWindow?: number | undefined
  readonly mtu?: number | undefined
}
