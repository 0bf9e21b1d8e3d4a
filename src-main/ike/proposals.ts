/**
 * Negotiation of algorithms (RFC 7296 sections 2.7 and 3.3): what we offer, what we choose from an offer, and whether an
 * answer is a choice from what we offered. Nothing that was never offered comes through here.
 */
import type {
  EspSuite,
  GroupName,
  IkeSuite,
  IntegrityName,
  PrfName,
  Protection,
} from '../../src-shared/algorithms.ts'
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import type { ConfiguredProposal, EncryptionChoice } from './proposal-text.ts'
import { encryptionById, encryptions } from './encryptions.ts'
import { groupById, groupId } from './groups.ts'
import { integrities, integrityById, prfById, prfs } from './suites.ts'
import { Integrity, KeyExchangeMethod, Protocol, SequenceNumbers, TransformType } from './v2/code-points.ts'
import type { Proposal, Transform } from './v2/proposal-format.ts'

/** Every group that some proposal offers, the preferred one first. */
export const groupsOf = (proposals: readonly ConfiguredProposal[]): readonly GroupName[] => [
  ...new Set(proposals.flatMap((proposal) => proposal.groups)),
]

// ---------------------------------------------------------------- to the wire

/** A table's choice as a transform; the reverse of `readSuite`. */
const encryptionTransform = ({ name, keyBits }: EncryptionChoice): Transform => ({
  type: TransformType.ENCR,
  id: encryptions[name].id,
  ...(encryptions[name].hasKeyLengthAttribute ? { keyBits } : {}),
})
const prfTransform = (name: PrfName): Transform => ({ type: TransformType.PRF, id: prfs[name].id })
const integrityTransform = (name: IntegrityName): Transform => ({
  type: TransformType.INTEG,
  id: integrities[name].id,
})
const groupTransform = (name: GroupName): Transform => ({ type: TransformType.KE, id: groupId(name) })
const sequenceTransform = (extended: boolean): Transform => ({
  type: TransformType.SN,
  id: extended ? SequenceNumbers.PARTIAL_64 : SequenceNumbers.SEQUENTIAL_32,
})

/** All transforms of a proposal, by kind and preference; RFC 7296 section 3.3.3 says which kinds a protocol has. */
const transformsOf = (
  proposal: ConfiguredProposal,
  groupNames: readonly GroupName[],
): readonly Transform[] => [
  ...proposal.encryptions.map(encryptionTransform),
  ...proposal.prfs.map(prfTransform),
  ...proposal.integrities.map(integrityTransform),
  ...groupNames.map(groupTransform),
  ...proposal.extendedSequenceNumbers.map(sequenceTransform),
]

/** The group whose public value goes along comes first: the responder takes the order for our preference. */
const withFirst = (names: readonly GroupName[], first: GroupName | undefined): readonly GroupName[] =>
  first !== undefined && names.includes(first) ? [first, ...names.filter((name) => name !== first)] : names

// RFC 7296 section 3.3.1: the first is number 1, each next one more.
const numbered = (
  protocol: number,
  spi: Uint8Array,
  offers: readonly (readonly Transform[])[],
): readonly Proposal[] =>
  offers.map((transforms, index) => ({ number: index + 1, protocol, spi, transforms }))

/**
 * The proposals of an IKE SA payload. `group`: the one in the KE payload beside it. `spi`: the sender's new SPI when an IKE SA is
 * rekeyed; none in IKE_SA_INIT (RFC 7296 section 3.3.1).
 */
export const ikeProposalsToWire = (
  proposals: readonly ConfiguredProposal[],
  group?: GroupName,
  spi: Uint8Array = new Uint8Array(),
): readonly Proposal[] =>
  numbered(
    Protocol.IKE,
    spi,
    proposals.map((proposal) => transformsOf(proposal, withFirst(proposal.groups, group))),
  )

/**
 * The proposals of a Child SA payload. Without `group` no key exchange is offered, as in IKE_AUTH (RFC 7296 section 1.2);
 * with it, the one in the KE payload beside it first, then the others.
 */
export function espProposalsToWire(
  proposals: readonly ConfiguredProposal[],
  spi: Uint8Array,
  group?: GroupName,
): readonly Proposal[] {
  const offers = proposals.map((proposal) =>
    transformsOf(proposal, group === undefined ? [] : withFirst(proposal.groups, group)),
  )
  return numbered(Protocol.ESP, spi, offers.filter(isFirstOfItsKind))
}

/** Proposals that differ in their groups alone are one without them. */
const isFirstOfItsKind = (
  offer: readonly Transform[],
  index: number,
  offers: readonly (readonly Transform[])[],
): boolean =>
  offers.findIndex(
    (other) => other.length === offer.length && other.every((transform) => contains(offer, transform)),
  ) === index

const equalTransforms = (a: Transform, b: Transform): boolean =>
  a.type === b.type && a.id === b.id && a.keyBits === b.keyBits

const contains = (transforms: readonly Transform[], wanted: Transform): boolean =>
  transforms.some((transform) => equalTransforms(transform, wanted))

// ---------------------------------------------------------------- from the wire

interface AnySuite extends Protection {
  readonly prf?: PrfName
  readonly group?: GroupName
  readonly extended?: boolean
}

/** The suite that one transform of each kind says; undefined when one of them is not in our tables. */
function readSuite(transforms: readonly Transform[]): AnySuite | undefined {
  const idOf = (type: number): number | undefined =>
    transforms.find((transform) => transform.type === type)?.id
  const cipher = transforms.find(({ type }) => type === TransformType.ENCR)
  const encryption = cipher === undefined ? undefined : encryptionById(cipher.id)
  if (cipher === undefined || encryption === undefined) return undefined
  const row = encryptions[encryption]
  const keyBits = row.hasKeyLengthAttribute ? cipher.keyBits : row.keyBits[0]
  if (keyBits === undefined || !row.keyBits.includes(keyBits)) return undefined
  const integrity = integrityById(idOf(TransformType.INTEG) ?? Integrity.NONE)
  // RFC 7296 section 3.3: integrity is negotiated exactly where the cipher does not bring it.
  if ((integrity === undefined) !== row.isCombined) return undefined
  const prf = prfById(idOf(TransformType.PRF) ?? 0)
  const group = groupById(idOf(TransformType.KE) ?? KeyExchangeMethod.NONE)
  const sequence = idOf(TransformType.SN)
  return {
    encryption,
    keyBits,
    ...(integrity === undefined ? {} : { integrity }),
    ...(prf === undefined ? {} : { prf }),
    ...(group === undefined ? {} : { group }),
    ...(sequence === undefined ? {} : { extended: sequence === SequenceNumbers.PARTIAL_64 }),
  }
}

function readIkeSuite(transforms: readonly Transform[]): IkeSuite | undefined {
  const suite = readSuite(transforms)
  if (suite?.prf === undefined || suite.group === undefined || suite.extended !== undefined) return undefined
  // RFC 7296 section 5: what encrypts nothing is for ESP alone; RFC 5529 defines some of Camellia's modes for ESP alone.
  if (!encryptions[suite.encryption].inIke) return undefined
  const { encryption, keyBits, integrity, prf, group } = suite
  return { encryption, keyBits, ...(integrity === undefined ? {} : { integrity }), prf, group }
}

function readEspSuite(transforms: readonly Transform[]): EspSuite | undefined {
  const suite = readSuite(transforms)
  if (suite?.extended === undefined || suite.prf !== undefined) return undefined
  const { encryption, keyBits, integrity, group, extended } = suite
  return {
    encryption,
    keyBits,
    ...(integrity === undefined ? {} : { integrity }),
    ...(group === undefined ? {} : { group }),
    extendedSequenceNumbers: extended,
  }
}

// ---------------------------------------------------------------- the initiator checks the answer

export type ChoiceProblem =
  | 'not exactly one proposal chosen'
  | 'a proposal chosen that was not offered'
  | 'an algorithm chosen that was not offered'
  | 'not exactly one algorithm of each kind chosen'
  | 'a group chosen that was not the key exchange sent'

/**
 * RFC 7296 section 2.7: the responder accepts one proposal, with its number, and one transform of each type that it has. Gives the
 * transforms chosen.
 */
function verifyAnswer(
  offered: readonly Proposal[],
  answered: readonly Proposal[],
): Result<readonly Transform[], ChoiceProblem> {
  const [answer, ...others] = answered
  if (answer === undefined || others.length > 0) return fail('not exactly one proposal chosen')
  const offer = offered.find(
    ({ number, protocol }) => number === answer.number && protocol === answer.protocol,
  )
  if (offer === undefined) return fail('a proposal chosen that was not offered')
  if (!answer.transforms.every((transform) => contains(offer.transforms, transform))) {
    return fail('an algorithm chosen that was not offered')
  }
  const kinds = new Set(offer.transforms.map(({ type }) => type))
  const chosenKinds = new Set(answer.transforms.map(({ type }) => type))
  if (answer.transforms.length !== kinds.size || chosenKinds.size !== kinds.size) {
    return fail('not exactly one algorithm of each kind chosen')
  }
  return ok(answer.transforms)
}

/** The suite that the responder chose from `ikeProposalsToWire(proposals, …)`. The SPI in the answer is not looked at. */
export function verifyIkeChoice(
  proposals: readonly ConfiguredProposal[],
  answered: readonly Proposal[],
): Result<IkeSuite, ChoiceProblem> {
  const choice = verifyAnswer(ikeProposalsToWire(proposals), answered)
  if (!choice.ok) return choice
  const suite = readIkeSuite(choice.value)
  return suite === undefined ? fail('not exactly one algorithm of each kind chosen') : ok(suite)
}

/**
 * The suite that the responder chose from `espProposalsToWire(proposals, …, group)`; its group is `group` or, where a proposal
 * without groups was offered as well, absent. The SPI in the answer is not looked at.
 */
export function verifyEspChoice(
  proposals: readonly ConfiguredProposal[],
  answered: readonly Proposal[],
  group?: GroupName,
): Result<EspSuite, ChoiceProblem> {
  const choice = verifyAnswer(espProposalsToWire(proposals, new Uint8Array(), group), answered)
  if (!choice.ok) return choice
  const suite = readEspSuite(choice.value)
  if (suite === undefined) return fail('not exactly one algorithm of each kind chosen')
  if (suite.group !== undefined && suite.group !== group) {
    return fail('a group chosen that was not the key exchange sent')
  }
  return ok(suite)
}

// ---------------------------------------------------------------- the responder chooses

export interface Choice<Suite> {
  /** The number of the offered proposal. */
  readonly number: number
  readonly suite: Suite
  /** The answer's proposal, still with the initiator's SPI. */
  readonly wire: Proposal
}

/** The kinds of transform that a proposal of the protocol may have (RFC 7296 section 3.3.3). */
const ikeKinds: readonly number[] = [
  TransformType.ENCR,
  TransformType.PRF,
  TransformType.INTEG,
  TransformType.KE,
]
const espKinds: readonly number[] = [
  TransformType.ENCR,
  TransformType.INTEG,
  TransformType.KE,
  TransformType.SN,
]

/** What stands for "none of this kind" (RFC 7296 sections 3.3.2 and 3.3.6). */
const noneOf: readonly Transform[] = [
  { type: TransformType.INTEG, id: Integrity.NONE },
  { type: TransformType.KE, id: KeyExchangeMethod.NONE },
]

/**
 * One transform of each offered kind that we accept, our preference deciding; undefined when there is no such choice.
 * RFC 7296 section 3.3.6: a kind that we do not understand spoils the proposal, an unknown transform only itself.
 */
function chooseTransforms(
  offer: Proposal,
  accepted: readonly Transform[],
  kinds: readonly number[],
): readonly Transform[] | undefined {
  const offeredKinds = new Set(offer.transforms.map(({ type }) => type))
  const wantedKinds = new Set(accepted.map(({ type }) => type))
  const chosen: Transform[] = []
  for (const kind of kinds) {
    const acceptable = wantedKinds.has(kind) ? accepted : noneOf
    const transform = acceptable.find(({ type }) => type === kind)
    const match = acceptable.find((option) => option.type === kind && contains(offer.transforms, option))
    if (match !== undefined) chosen.push(match)
    else if (offeredKinds.has(kind) || (wantedKinds.has(kind) && transform !== undefined)) return undefined
  }
  return [...offeredKinds].every((kind) => kinds.includes(kind)) ? chosen : undefined
}

function select<Suite>(
  offered: readonly Proposal[],
  accepted: readonly (readonly Transform[])[],
  protocol: number,
  kinds: readonly number[],
  read: (transforms: readonly Transform[]) => Suite | undefined,
): Choice<Suite> | undefined {
  for (const ours of accepted) {
    for (const offer of offered) {
      if (offer.protocol !== protocol) continue
      const transforms = chooseTransforms(offer, ours, kinds)
      const suite = transforms === undefined ? undefined : read(transforms)
      if (transforms === undefined || suite === undefined) continue
      const { number, spi } = offer
      return { number, suite, wire: { number, protocol, spi, transforms } }
    }
  }
  return undefined
}

/**
 * Our choice from the peer's proposals for an IKE SA; undefined: NO_PROPOSAL_CHOSEN. Our order decides, but `preferredGroup`
 * (the one of the peer's KE payload) goes before others that we accept as well, which saves a round trip.
 */
export const selectIkeProposal = (
  offered: readonly Proposal[],
  accepted: readonly ConfiguredProposal[],
  preferredGroup?: GroupName,
): Choice<IkeSuite> | undefined =>
  select(
    offered,
    accepted.map((proposal) => transformsOf(proposal, withFirst(proposal.groups, preferredGroup))),
    Protocol.IKE,
    ikeKinds,
    readIkeSuite,
  )

/**
 * Our choice from the peer's proposals for a Child SA. `withGroup` is false in IKE_AUTH, where there is no key exchange
 * (RFC 7296 section 1.2): groups that a peer lists there all the same are left out.
 */
export const selectEspProposal = (
  offered: readonly Proposal[],
  accepted: readonly ConfiguredProposal[],
  options: { readonly withGroup: boolean; readonly preferredGroup?: GroupName },
): Choice<EspSuite> | undefined =>
  select(
    options.withGroup ? offered : offered.map(withoutGroups),
    accepted.map((proposal) =>
      transformsOf(proposal, options.withGroup ? withFirst(proposal.groups, options.preferredGroup) : []),
    ),
    Protocol.ESP,
    espKinds,
    readEspSuite,
  )

const withoutGroups = (offer: Proposal): Proposal => ({
  ...offer,
  transforms: offer.transforms.filter(({ type }) => type !== TransformType.KE),
})
