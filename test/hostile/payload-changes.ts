/** Small lies: payloads in, payloads out. */
import type { Payload, PayloadOf, PayloadType } from '../../src-main/ike/v2/payloads.ts'
import type { Proposal, Transform } from '../../src-main/ike/v2/proposal-format.ts'

export type Change = (payloads: readonly Payload[]) => readonly Payload[]

export const without =
  (...types: readonly PayloadType[]): Change =>
  (payloads) =>
    payloads.filter(({ type }) => !types.includes(type))

export const twice =
  (type: PayloadType): Change =>
  (payloads) =>
    payloads.flatMap((payload) => (payload.type === type ? [payload, payload] : [payload]))

export const plus =
  (...more: readonly Payload[]): Change =>
  (payloads) => [...payloads, ...more]

export const reversed: Change = (payloads) => payloads.toReversed()

export const only =
  (...payloads: readonly Payload[]): Change =>
  () =>
    payloads

const isOf = <Type extends PayloadType>(payload: Payload, type: Type): payload is PayloadOf<Type> =>
  payload.type === type

export const replace =
  <Type extends PayloadType>(type: Type, change: (payload: PayloadOf<Type>) => Payload): Change =>
  (payloads) =>
    payloads.map((payload) => (isOf(payload, type) ? change(payload) : payload))

export const inProposals = (change: (proposals: readonly Proposal[]) => readonly Proposal[]): Change =>
  replace('sa', (payload) => ({ ...payload, proposals: change(payload.proposals) }))

export const inTransforms = (change: (transforms: readonly Transform[]) => readonly Transform[]): Change =>
  inProposals((proposals) =>
    proposals.map((proposal) => ({ ...proposal, transforms: change(proposal.transforms) })),
  )

/** Puts another ID in place of the chosen one of a type. */
export const otherTransform = (type: number, id: number, keyBits?: number): Change =>
  inTransforms((transforms) =>
    transforms.map((transform) =>
      transform.type === type ? { type, id, ...(keyBits === undefined ? {} : { keyBits }) } : transform,
    ),
  )

export const dataOf = (
  type: 'ke' | 'nonce' | 'authentication' | 'eap' | 'id-responder' | 'certificate',
  change: (data: Uint8Array) => Uint8Array,
): Change => replace(type, (payload) => ({ ...payload, data: change(payload.data.slice()) }))

export const flippedAt =
  (at: number) =>
  (data: Uint8Array): Uint8Array => {
    data.set([(data.at(at) ?? 0) ^ 1], at < 0 ? data.length + at : at)
    return data
  }
