/** Entries of the security policy database (RFC 4301 section 4.4.1). */
import type { PolicyAction, PolicyDirection, SaTemplate } from './policy.ts'
import type { PolicySelector } from './selector.ts'

/**
 * Populate from packet (RFC 4301 section 4.4.1): for these fields a new SA takes the triggering packet's own value, for the
 * others what the entry says. `ports` of ICMP and Mobility Header is the message type.
 */
export type PopulatedField = 'local' | 'remote' | 'protocol' | 'local-port' | 'remote-port' | 'message'

/** An entry never changes; the database knows it by identity. */
export interface PolicyEntry {
  /** Which packets are held against it. In an `in` or `forward` packet `local` is the destination. */
  readonly directions: readonly PolicyDirection[]
  readonly selector: PolicySelector
  /**
   * Identities (RFC 4301 section 4.4.1.1, "Name"). An entry with names is for whoever proves to be one of them: no packet meets
   * it, until `boundEntry` puts an address in the place of the name.
   */
  readonly names: readonly string[]
  readonly action: PolicyAction
  readonly populate: readonly PopulatedField[]
  /** Where a person wrote it, for explanations. */
  readonly origin?: { readonly line: number; readonly comment?: string }
}

export const allDirections: readonly PolicyDirection[] = ['out', 'in', 'forward']

/** The three databases that RFC 4301 section 4.4.1 names: what is secured; what else leaves; what else comes in. */
export type DatabasePart = 'SPD-S' | 'SPD-O' | 'SPD-I'

export const partOf = (entry: PolicyEntry, direction: PolicyDirection): DatabasePart =>
  entry.action.kind === 'protect' ? 'SPD-S' : direction === 'out' ? 'SPD-O' : 'SPD-I'

/**
 * What a packet of this direction goes through, the ends of tunnels as its outer header has them. An entry for both ways holds
 * them as for its first direction.
 */
export function bundleOf(
  { action, directions }: PolicyEntry,
  direction: PolicyDirection,
): readonly SaTemplate[] {
  if (action.kind !== 'protect') return []
  if ((direction === 'out') === (directions[0] === 'out')) return action.bundle
  return action.bundle.map((template) =>
    template.mode === 'transport'
      ? template
      : {
          ...template,
          ends: { source: template.ends.destination, destination: template.ends.source },
        },
  )
}
