/** One case of interoperability as data: what the gateway is, what the client is, what must come of it. */
import type { ErrorCode } from '../../../src-shared/errors.ts'
import type { EspSuite, IkeSuite } from '../../../src-shared/algorithms.ts'
import type { CertificateName, Pki } from './pki.ts'
import type { Path } from './network.ts'
import type { RelayOptions } from './programs.ts'
import type { Settings } from './strongswan.ts'

export type Credential =
  | { readonly method: 'psk'; readonly secret: string }
  | { readonly method: 'certificate'; readonly certificate: CertificateName }
  | {
      readonly method: 'eap'
      readonly eap: 'mschapv2' | 'gtc' | 'md5' | 'ttls' | 'peap'
      readonly username: string
      readonly password: string
      /** Within EAP-TTLS or PEAP; default: EAP-MSCHAPv2, which strongSwan has too. */
      readonly inner?: 'mschapv2' | 'pap' | 'eap-mschapv2' | 'gtc'
    }
  /** A certificate within EAP-TLS. */
  | { readonly method: 'eap-tls'; readonly certificate: CertificateName }

export interface GatewaySide {
  readonly identity: string
  readonly proves: Exclude<Credential, { method: 'eap' | 'eap-tls' }>
  /** What it asks of the user; for EAP, the user it knows. */
  readonly asks: Credential
  /** Known to the gateway besides. */
  readonly users?: readonly (Credential & { readonly method: 'eap' })[]
  /** FreeRADIUS is the server of the log-in; strongSwan only passes EAP on. */
  readonly radius?: { readonly tls: '1.2' | '1.3'; readonly certificate: CertificateName }
  readonly ike: readonly string[]
  readonly esp: readonly string[]
  readonly pools: readonly ('ipv4' | 'ipv6')[]
  /** The networks it lets through. */
  readonly networks: readonly string[]
  /** Laid over the configuration where Culvert's own gateway plays this part. */
  readonly culvert: Readonly<Record<string, unknown>>
  /** Files beside that configuration. */
  readonly culvertFiles?: Readonly<Record<string, string>>
  /** Laid over the daemon's settings, over its connection and over its child. */
  readonly charon: Settings
  readonly connection: Settings
  readonly child: Settings
}

/** A profile of another program, with what lies beside it. */
export interface ImportedFiles {
  /** The name of the one to connect with. */
  readonly main: string
  readonly files: Readonly<Record<string, string>>
}

export interface ClientSide {
  /** Culvert connects with these as they are, instead of with a profile of its own. */
  readonly files?: (pki: Pki) => Promise<ImportedFiles>
  /** Where it calls. */
  readonly address: string
  readonly identity: string | undefined
  readonly proves: Credential
  /** Absent: the gateway must prove itself with the same PSK, or by a certificate of the test's root. */
  readonly trusts:
    | { readonly method: 'psk'; readonly secret: string }
    | { readonly method: 'certificate'; readonly authority: CertificateName }
  readonly gatewayIdentity: string
  /** Who the server of the log-in must be, for methods within TLS. */
  readonly logIn?: {
    readonly identity?: string
    readonly server?: { readonly identity?: string; readonly authorities?: readonly string[] }
  }
  /** EAP may prove the gateway (RFC 5998). */
  readonly eapOnly?: boolean
  /** A second round (RFC 4739). */
  readonly then?: Credential & { readonly method: 'eap' }
  /** How Culvert asks whether the gateway's certificate is revoked. */
  readonly revocation?: 'strict' | 'when-reachable' | 'off'
  readonly ike: readonly string[]
  readonly esp: readonly string[]
  readonly virtual: { readonly ipv4: boolean; readonly ipv6: boolean }
  readonly remote: readonly string[]
  /** Laid over Culvert's profile as it stands, for what strongSwan has no word for. */
  readonly profile: Readonly<Record<string, unknown>>
  /** Laid over strongSwan's daemon, its connection and its child when it is the client. */
  readonly charon: Settings
  readonly connection: Settings
  readonly child: Settings
}

export interface Expected {
  /** All that are named must be so on both sides. */
  readonly ike?: Partial<IkeSuite>
  readonly esp?: Partial<EspSuite>
  /** Of the Child SA that stands when all steps are done. */
  readonly espAfterSteps?: Partial<EspSuite>
  /** Traffic that must pass; default the families of the virtual addresses. */
  readonly families?: readonly ('ipv4' | 'ipv6')[]
  /** Prefixes the client must say the tunnel carries. */
  readonly remoteSelectors?: readonly string[]
  /** Lines that the gateway's log must have. */
  readonly gatewayLog?: readonly RegExp[]
  /** The name of the office is not resolved, e.g. because no IPv4 address was given. */
  readonly dns?: boolean
}

export type Outcome =
  | ({ readonly kind: 'connected' } & Expected)
  | {
      readonly kind: 'failed'
      readonly code: ErrorCode
      readonly gatewayLog?: readonly RegExp[]
      readonly gatewayLogNever?: readonly RegExp[]
    }

export interface Scenario {
  readonly name: string
  readonly path?: Path & { readonly relay?: RelayOptions }
  readonly gateway?: Partial<GatewaySide>
  readonly client?: Partial<ClientSide>
  readonly outcome: Outcome
  /** Others have begun and not finished with the gateway, so that it asks for cookies. */
  readonly gatewayIsBusy?: boolean
  /** What happens while the tunnel stands; each step is a function in steps.ts. */
  readonly steps?: readonly StepName[]
  /** Why strongSwan as the client cannot do it, where it cannot. */
  readonly notWithStrongswan?: string
  readonly timeoutMs?: number
}

export type StepName =
  | 'client-rekeys-child'
  | 'client-rekeys-ike'
  | 'gateway-rekeys-child'
  | 'gateway-rekeys-ike'
  | 'both-rekey-child'
  | 'both-rekey-ike'
  | 'gateway-dies'
  | 'gateway-restarts'
  | 'gateway-closes'
  | 'transfer'
  | 'small-transfer'
  | 'rekeys-on-a-poor-path'
