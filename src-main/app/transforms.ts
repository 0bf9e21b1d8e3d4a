/** Every transform that may stand in a proposal, as a person chooses it. */
import type { EncryptionName, GroupName, IntegrityName, PrfName } from '../../src-shared/algorithms.ts'
import {
  encryptionLabels,
  groupLabels,
  integrityLabels,
  prfLabels,
} from '../../src-shared/algorithm-labels.ts'
import type { ProposalKind, TransformChoice } from '../../src-shared/proposal-choice.ts'
import type { ConfiguredProposal } from '../ike/proposal-text.ts'
import { formatProposal } from '../ike/proposal-text.ts'
import type { Standing } from '../ike/standing.ts'
import { encryptions } from '../ike/encryptions.ts'
import { groups } from '../ike/groups.ts'
import { integrities, prfs } from '../ike/suites.ts'
import type { CryptoCapabilities } from './crypto-capabilities.ts'

const both: readonly ProposalKind[] = ['ike', 'esp']
const espOnly: readonly ProposalKind[] = ['esp']
const nothing: ConfiguredProposal = {
  encryptions: [],
  integrities: [],
  prfs: [],
  groups: [],
  extendedSequenceNumbers: [],
}

const unavailableHere = "This computer's crypto library does not have it"

/** What is said of a transform beside its word, role and label. */
const judged = (strength: Standing, can: boolean): Pick<TransformChoice, 'weak' | 'unavailable'> => ({
  ...(strength.standing === 'weak' ? { weak: strength.reason } : {}),
  ...(can ? {} : { unavailable: unavailableHere }),
})

export interface Transforms {
  /** All there are, by role, the preferred ones first. */
  readonly all: readonly TransformChoice[]
  /** Those of a proposal, by role. */
  of(kind: ProposalKind, proposal: ConfiguredProposal): readonly TransformChoice[]
}

export function describeTransforms(can: CryptoCapabilities): Transforms {
  const encryption = (name: EncryptionName, keyBits: number): TransformChoice => ({
    word: formatProposal({ ...nothing, encryptions: [{ name, keyBits }] }),
    role: 'encryption',
    label: encryptionLabels[name](keyBits),
    kinds: encryptions[name].inIke ? both : espOnly,
    combined: encryptions[name].isCombined,
    ...judged(encryptions[name].strength, can.encryption(name, keyBits)),
  })
  const integrity = (name: IntegrityName): TransformChoice => ({
    word: formatProposal({ ...nothing, integrities: [name] }),
    role: 'integrity',
    label: integrityLabels[name],
    kinds: both,
    combined: false,
    ...judged(integrities[name].strength, can.integrity(name)),
  })
  const prf = (name: PrfName): TransformChoice => ({
    word: formatProposal({ ...nothing, prfs: [name] }),
    role: 'prf',
    label: prfLabels[name],
    kinds: ['ike'],
    combined: false,
    ...judged(prfs[name].strength, can.prf(name)),
  })
  const group = (name: GroupName): TransformChoice => ({
    word: formatProposal({ ...nothing, groups: [name] }),
    role: 'group',
    label: groupLabels[name],
    kinds: both,
    combined: false,
    ...judged(groups[name].strength, can.group(name)),
  })
  const sequenceNumbers = (extended: boolean): TransformChoice => ({
    word: extended ? 'esn' : 'noesn',
    role: 'sequence-numbers',
    label: extended ? '64-bit sequence numbers (extended)' : '32-bit sequence numbers',
    kinds: ['esp'],
    combined: false,
  })
  const all = [
    ...namesOf(encryptions).flatMap((name) =>
      encryptions[name].keyBits.toReversed().map((keyBits) => encryption(name, keyBits)),
    ),
    ...namesOf(integrities).map(integrity),
    ...namesOf(prfs).map(prf),
    ...namesOf(groups).map(group),
    sequenceNumbers(true),
    sequenceNumbers(false),
  ]
  return {
    all,
    of: (kind, proposal) => [
      ...proposal.encryptions.map(({ name, keyBits }) => encryption(name, keyBits)),
      ...proposal.integrities.map(integrity),
      ...(kind === 'ike' ? proposal.prfs.map(prf) : []),
      ...proposal.groups.map(group),
      ...(kind === 'esp' ? proposal.extendedSequenceNumbers.map(sequenceNumbers) : []),
    ],
  }
}

/** A table's names, in its order. */
function namesOf<Name extends string>(table: Readonly<Record<Name, unknown>>): readonly Name[] {
  const names: Name[] = []
  for (const name in table) names.push(name)
  return names
}
