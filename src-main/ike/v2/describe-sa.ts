/** The SA payload for the exchange view: its proposals, their transforms, and each in one line (RFC 7296 section 3.3). */
import type { MessageNode } from '../../../src-shared/exchange-message.ts'
import { toHex } from '../../wire/text.ts'
import { Integrity, SequenceNumbers, TransformType } from './code-points.ts'
import { lengthWords, node, plain } from '../message-words.ts'
import { protocolName, transformName, transformTypeName } from './describe-words.ts'
import { UNUSABLE_TRANSFORM } from './proposal-format.ts'
import type { Proposal, Transform } from './proposal-format.ts'

/** A tree of thousands of nodes helps nobody: what is more is counted. */
const mostShown = 32

const limited = <Item>(
  items: readonly Item[],
  describe: (item: Item) => MessageNode,
): readonly MessageNode[] =>
  items.length <= mostShown
    ? items.map(describe)
    : [...items.slice(0, mostShown).map(describe), node(`${items.length - mostShown} more`)]

/** `AES-GCM-16 256`; undefined for what says nothing: no integrity, short sequence numbers, attributes that nobody knows. */
function transformWords({ type, id, keyBits }: Transform): string | undefined {
  if (id === UNUSABLE_TRANSFORM) return undefined
  if (type === TransformType.INTEG && id === Integrity.NONE) return undefined
  if (type === TransformType.SN) return id === SequenceNumbers.PARTIAL_64 ? 'ESN' : undefined
  const name = plain(transformName(type, id))
  return keyBits === undefined ? name : `${name} ${keyBits}`
}

/** In the order in which everybody reads a suite. */
const typeOrder: readonly number[] = [
  TransformType.ENCR,
  TransformType.INTEG,
  TransformType.PRF,
  TransformType.KE,
  TransformType.SN,
]

/** `AES-GCM-16 256 · HMAC-SHA2-384 · ECP-384`, choices among one type with a slash. */
export function proposalWords({ transforms }: Pick<Proposal, 'transforms'>): string {
  const types = [...new Set([...typeOrder, ...transforms.map(({ type }) => type)])]
  return types
    .map((type) =>
      transforms
        .filter((transform) => transform.type === type)
        .flatMap((transform) => transformWords(transform) ?? [])
        .join(' / '),
    )
    .filter((words) => words !== '')
    .join(' · ')
}

function describeTransform({ type, id, keyBits }: Transform): MessageNode {
  const name = `Transform ${transformTypeName(type)}`
  if (id === UNUSABLE_TRANSFORM) return node(name, 'with an attribute that is not known')
  return node(
    name,
    transformName(type, id),
    keyBits === undefined ? [] : [node('Key Length', `${keyBits} bits`)],
  )
}

const describeProposal = (proposal: Proposal): MessageNode =>
  node(`Proposal ${proposal.number}`, proposalWords(proposal), [
    node('Protocol ID', protocolName(proposal.protocol)),
    ...(proposal.spi.length === 0 ? [] : [node('SPI', toHex(proposal.spi))]),
    ...limited(proposal.transforms, describeTransform),
  ])

export const describeSa = (proposals: readonly Proposal[]): MessageNode => {
  const [first] = proposals
  const words =
    first !== undefined && proposals.length === 1 ? proposalWords(first) : `${proposals.length} proposals`
  return node('SA', words, limited(proposals, describeProposal))
}

/** The Delete payload (RFC 7296 section 3.11): the IKE SA itself has no SPI there. */
export const describeDelete = (protocol: number, spis: readonly Uint8Array[]): MessageNode =>
  node(
    'D',
    `${protocolName(protocol)}${spis.length === 0 ? '' : ` ${spis.slice(0, 4).map(toHex).join(', ')}`}`,
    [
      node('Protocol ID', protocolName(protocol)),
      ...limited(spis, (spi) => node('SPI', spi.length === 0 ? lengthWords(0) : toHex(spi))),
    ],
  )
