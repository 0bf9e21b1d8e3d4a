/** Whether this machine can make tunnels, and whether a gateway answers from here: found out without connecting. */

export type PortOutcome =
  | { readonly kind: 'answered'; readonly afterMs: number; readonly detail: string }
  | { readonly kind: 'silent' }
  | { readonly kind: 'unreachable'; readonly detail: string }

export interface PortReport {
  readonly address: string
  readonly port: number
  readonly outcome: PortOutcome
}

export type PathReport =
  | { readonly kind: 'not-found' }
  | { readonly kind: 'found'; readonly addresses: readonly string[]; readonly ports: readonly PortReport[] }

export interface MachineCheck {
  /** `tun`, `privilege`, `ip-tool`, `resolver`, `clock`, `ipv6`, `nftables`, …; others may come. */
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  /** For whoever looks after the machine, in English. */
  readonly text: string
  readonly advice?: string
}

export interface NetworkReport {
  readonly machine: readonly MachineCheck[]
  readonly gateway?: {
    readonly name: string
    /** The question is of version 2: a gateway that has version 1 alone may stay silent. */
    readonly ikeVersion: 1 | 2
    readonly path: PathReport
  }
}
