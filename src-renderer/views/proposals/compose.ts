/** Proposal texts put together from words and looked up in the catalogue. What they mean is asked of the main process. */
import type {
  NamedSuite,
  ProposalKind,
  SuiteCatalogue,
  TransformChoice,
  TransformRole,
} from '../../../src-shared/proposal-choice.ts'

/** In the order in which proposals are written. */
export const roles: readonly TransformRole[] = ['encryption', 'integrity', 'prf', 'group', 'sequence-numbers']

/** Which roles a kind of proposal has. */
export const rolesOf = (kind: ProposalKind): readonly TransformRole[] =>
  roles.filter((role) => role !== (kind === 'ike' ? 'sequence-numbers' : 'prf'))

/** What may be chosen for a role. */
export const choicesFor = (
  { transforms }: SuiteCatalogue,
  kind: ProposalKind,
  role: TransformRole,
): readonly TransformChoice[] =>
  transforms.filter((choice) => choice.role === role && choice.kinds.includes(kind))

/** The words of a text that are chosen for a role, the preferred one first. */
export function chosenFor(
  catalogue: SuiteCatalogue,
  kind: ProposalKind,
  role: TransformRole,
  words: readonly string[],
): readonly string[] {
  const known = new Set(choicesFor(catalogue, kind, role).map(({ word }) => word))
  return words.filter((word) => known.has(word))
}

/** The text with a word added behind those of its role, or taken away. The other words keep their order. */
export function toggled(
  catalogue: SuiteCatalogue,
  kind: ProposalKind,
  words: readonly string[],
  word: string,
): readonly string[] {
  const changed = words.includes(word) ? words.filter((other) => other !== word) : [...words, word]
  return inWritingOrder(catalogue, kind, changed)
}

/** Words by role in the usual order; within a role they keep theirs. Words nobody knows stay at the end, to be seen. */
export function inWritingOrder(
  catalogue: SuiteCatalogue,
  kind: ProposalKind,
  words: readonly string[],
): readonly string[] {
  const known = rolesOf(kind).flatMap((role) => chosenFor(catalogue, kind, role, words))
  return [...known, ...words.filter((word) => !known.includes(word))]
}

export const wordsOf = (text: string): readonly string[] => text.split('-').filter((word) => word !== '')
export const textOf = (words: readonly string[]): string => words.join('-')

/** Whether integrity need not be chosen: everything chosen for encryption protects it already. */
export function needsNoIntegrity(
  catalogue: SuiteCatalogue,
  kind: ProposalKind,
  words: readonly string[],
): boolean {
  const chosen = choicesFor(catalogue, kind, 'encryption').filter(({ word }) => words.includes(word))
  return chosen.length > 0 && chosen.every(({ combined }) => combined)
}

export interface Proposals {
  readonly ike: readonly string[]
  readonly esp: readonly string[]
}

const sameTexts = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((text, index) => text === other[index])

/** The named suite that these proposals are, if they are one. */
export const suiteOf = ({ named }: SuiteCatalogue, { ike, esp }: Proposals): NamedSuite | undefined =>
  named.find((suite) => sameTexts(suite.ike, ike) && sameTexts(suite.esp, esp))

/** Pasted text as proposal texts: administrators' lists stand on lines, with commas, or quoted. */
export const pastedProposals = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .replace(/^\s*(?:ike|esp|proposals|esp_proposals)\s*=\s*/gm, '')
    .split(/[\s,;"'!]+/)
    .filter((part) => part !== '')

/** The choice that is no named suite. */
export const ownId = 'own'
/** What the profile had when the editor was opened, if that is no named suite. */
export const broughtId = 'brought'

/** What one's own begins with: the texts that stand for the suite that was chosen before. */
export const textsOf = (catalogue: SuiteCatalogue, { ike, esp }: Proposals): Proposals => ({
  ike: ike.length > 0 ? ike : catalogue.recommended.ike.map(({ text }) => text),
  esp: esp.length > 0 ? esp : catalogue.recommended.esp.map(({ text }) => text),
})
