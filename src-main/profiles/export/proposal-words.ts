/** The words of a proposal, sorted by what they are, for formats that have a field for each. */

export interface ProposalWords {
  readonly encryption: readonly string[]
  readonly integrity: readonly string[]
  readonly prf: readonly string[]
  readonly group: readonly string[]
  readonly other: readonly string[]
}

export function proposalWords(proposal: string): ProposalWords {
  const words = proposal.split('-')
  const of = (pattern: RegExp) => words.filter((word) => pattern.test(word))
  // What else there is has no field in these formats.
  const encryption = of(/^(?:aes(?:\d|$)|chacha)/)
  const prf = of(/^prf/)
  const integrity = of(/^sha/)
  const group = of(/^(?:modp|ecp|curve25519$|x25519$)/)
  const known = new Set([...encryption, ...prf, ...integrity, ...group])
  return { encryption, integrity, prf, group, other: words.filter((word) => !known.has(word)) }
}

/** The one of a list; undefined for none or several. */
export const only = (words: readonly string[]): string | undefined =>
  words.length === 1 ? words[0] : undefined
