/** What a choice means for each purpose: the rows of a table. Pure. */
import type { ProposalMeaning, TransformChoice } from '../../../src-shared/proposal-choice.ts'

export const purposes = [
  { kind: 'esp', role: 'encryption' },
  { kind: 'esp', role: 'integrity' },
  { kind: 'esp', role: 'group' },
  { kind: 'esp', role: 'sequence-numbers' },
  { kind: 'ike', role: 'encryption' },
  { kind: 'ike', role: 'prf' },
  { kind: 'ike', role: 'integrity' },
  { kind: 'ike', role: 'group' },
] as const

export type Purpose = (typeof purposes)[number]

export interface PurposeRow {
  readonly purpose: Purpose
  /** Each once, the preferred one first. */
  readonly transforms: readonly TransformChoice[]
  /** What to say where nothing is chosen, or besides; a key of the words. */
  readonly note?: 'combined' | 'combinedSome' | 'implied' | 'noGroup' | 'plainNumbers' | 'none'
}

export function purposeRows(meanings: readonly ProposalMeaning[]): readonly PurposeRow[] {
  return purposes.map((purpose) => {
    const own = meanings.filter(({ kind }) => kind === purpose.kind)
    const all = own.flatMap(({ transforms }) => transforms.filter(({ role }) => role === purpose.role))
    const transforms = all.filter(({ word }, index) => all.findIndex((one) => one.word === word) === index)
    const note = noteOf(purpose, own, transforms)
    return { purpose, transforms, ...(note === undefined ? {} : { note }) }
  })
}

function noteOf(
  { role }: Purpose,
  own: readonly ProposalMeaning[],
  transforms: readonly TransformChoice[],
): PurposeRow['note'] {
  if (own.length === 0) return 'none'
  switch (role) {
    case 'encryption':
      return transforms.length === 0 ? 'none' : undefined
    case 'integrity': {
      const combines = own.some((meaning) => meaning.transforms.some(({ combined }) => combined))
      if (combines) return transforms.length === 0 ? 'combined' : 'combinedSome'
      return transforms.length === 0 ? 'none' : undefined
    }
    case 'prf':
      return transforms.length === 0 ? 'implied' : undefined
    case 'group':
      return transforms.length === 0 ? 'noGroup' : undefined
    case 'sequence-numbers':
      return transforms.length === 0 ? 'plainNumbers' : undefined
  }
}

const isDoubtful = ({ weak, unavailable }: TransformChoice): boolean =>
  weak !== undefined || unavailable !== undefined

/** Those that need no word of caution, and those that do. */
export const sound = (transforms: readonly TransformChoice[]) => transforms.filter((one) => !isDoubtful(one))
export const doubtful = (transforms: readonly TransformChoice[]) => transforms.filter(isDoubtful)
