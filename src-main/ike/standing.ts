/** How good an algorithm is thought to be; for people, so the reason is one of the field's own terms. */
export type Standing =
  { readonly standing: 'recommended' | 'acceptable' } | { readonly standing: 'weak'; readonly reason: string }

/** What every row of a table of algorithms has. */
export interface AlgorithmRow {
  /** Transform ID in the IANA registry "IKEv2 Parameters". */
  readonly id: number
  /** Where the algorithm is defined for IKE or ESP. */
  readonly source: string
  readonly strength: Standing
}

export const recommended: Standing = { standing: 'recommended' }
export const acceptable: Standing = { standing: 'acceptable' }
export const weak = (reason: string): Standing => ({ standing: 'weak', reason })

/** Lookup by transform ID: the name, or undefined for what we do not have. */
export const byId = <Name extends string>(
  table: Readonly<Record<Name, AlgorithmRow>>,
): ((id: number) => Name | undefined) => {
  const names = new Map<number, Name>()
  for (const name in table) names.set(table[name].id, name)
  return (id) => names.get(id)
}
