/** Cipher suites as a person chooses them; made by the main process, which knows this machine's crypto. */

export type ProposalKind = 'ike' | 'esp'

/** What a transform is for, in the order in which proposals are written. */
export type TransformRole = 'encryption' | 'integrity' | 'prf' | 'group' | 'sequence-numbers'

export interface TransformChoice {
  /** As administrators write it: `aes256gcm16`, `prfsha384`, `ecp384`. */
  readonly word: string
  readonly role: TransformRole
  /** `AES-256-GCM`, `HMAC-SHA2-384`, `Curve25519`. */
  readonly label: string
  /** Where it may stand. */
  readonly kinds: readonly ProposalKind[]
  /** Whether encryption protects integrity too, so that no integrity transform may stand beside it. */
  readonly combined: boolean
  /** Why it is weak, in plain words; absent: it is not. */
  readonly weak?: string
  /** Why this machine cannot do it; absent: it can. */
  readonly unavailable?: string
}

/** A proposal taken apart: each role's transforms, the preferred one first. */
export interface ProposalMeaning {
  readonly kind: ProposalKind
  /** As administrators write it, in the usual order. */
  readonly text: string
  readonly transforms: readonly TransformChoice[]
}

export interface NamedSuite {
  /** Stable: `recommended`, `vpn-a`, `vpn-b`, `gcm-128`, `gcm-256`, `gmac-128`, `gmac-256`, `cnsa`. */
  readonly id: string
  readonly label: string
  /** `RFC 4308 section 2.1`; absent for our own. */
  readonly source?: string
  /** Proposal texts; empty means the recommended ones. */
  readonly ike: readonly string[]
  readonly esp: readonly string[]
  /** Why it is weak; absent: it is not. */
  readonly weak?: string
  /** Why this machine or this version cannot do it; absent: it can. */
  readonly unavailable?: string
}

/** The slice `suites`: all there is to choose from. */
export interface SuiteCatalogue {
  readonly named: readonly NamedSuite[]
  readonly transforms: readonly TransformChoice[]
  /** What an empty list of proposals means. */
  readonly recommended: { readonly ike: readonly ProposalMeaning[]; readonly esp: readonly ProposalMeaning[] }
}
