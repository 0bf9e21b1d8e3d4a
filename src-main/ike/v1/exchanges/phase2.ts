/** What both sides of quick mode have in common (RFC 2409 section 5.5, RFC 2407 section 4.6). */
import type { EspSpi } from '../../../../src-shared/brands.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import type { TrafficSelector } from '../../../ip/traffic-selector.ts'
import { selectorCovers } from '../../../ip/traffic-selector.ts'
import type { ChildKeys, ChildSa } from '../../child-sa.ts'
import { parseEspSpi, spiBytes } from '../../esp-spi.ts'
import { attributes as attributeList, find, numberOf } from '../attributes.ts'
import { LifeType, Notification, Phase2Attribute, Protocol } from '../code-points.ts'
import type { Nonces, Prf } from '../keys.ts'
import { espKeys } from '../keys.ts'
import type { Message } from '../message.ts'
import { payloadOf, payloadsOf } from '../message.ts'
import type { Proposal } from '../proposal-format.ts'
import { selectorOf } from '../selectors.ts'
import type { Phase2Suite } from '../suites.ts'
import { readPhase2Transform } from '../suites.ts'
import { DecodeError, decode } from '../../../wire/codec.ts'
import { required } from './phase1.ts'

/** The SPI of an ESP proposal; throws VpnError 'protocol-violation' when it is none. */
export function spiOf({ protocol, spi }: Proposal): EspSpi {
  const value = protocol === Protocol.ESP ? parseEspSpi(spi) : undefined
  if (value === undefined) throw new VpnError('protocol-violation', { reason: 'ESP SPI' })
  return value
}

/** Whether two choices agree in all but the lifetimes. */
export const sameChoice = (a: Phase2Suite, b: Phase2Suite): boolean =>
  a.mode === b.mode &&
  a.esp.encryption === b.esp.encryption &&
  a.esp.keyBits === b.esp.keyBits &&
  a.esp.integrity === b.esp.integrity &&
  a.esp.group === b.esp.group

/** What the responder chose: one transform of one proposal, and one that we offered. */
export function agreedPhase2(
  offered: readonly Phase2Suite[],
  message: Message,
): { readonly suite: Phase2Suite; readonly spi: EspSpi } {
  const [proposal, ...others] = required(payloadOf(message, 'sa')).proposals
  const transform = proposal?.transforms[0]
  if (
    proposal === undefined ||
    transform === undefined ||
    others.length > 0 ||
    proposal.transforms.length > 1
  )
    throw new VpnError('protocol-violation', { reason: 'not exactly one proposal chosen' })
  const chosen = readPhase2Transform(transform)
  const offer = chosen === undefined ? undefined : offered.find((suite) => sameChoice(suite, chosen))
  if (offer === undefined)
    throw new VpnError('protocol-violation', { reason: 'an algorithm chosen that was not offered' })
  return { suite: offer, spi: spiOf(proposal) }
}

/** RFC 2409 section 5.5: the responder says the same identities; some narrow them, which takes nothing from us. */
export function agreedSelectors(
  asked: { readonly local: TrafficSelector; readonly remote: TrafficSelector },
  message: Message,
): readonly [local: TrafficSelector, remote: TrafficSelector] {
  const [localId, remoteId] = payloadsOf(message, 'id')
  const local = localId === undefined ? asked.local : selectorOf(localId)
  const remote = remoteId === undefined ? asked.remote : selectorOf(remoteId)
  if (local === undefined || remote === undefined)
    throw new VpnError('protocol-violation', { reason: 'client identities' })
  if (!selectorCovers(asked.local, local) || !selectorCovers(asked.remote, remote))
    throw new VpnError('no-common-traffic')
  return [local, remote]
}

/** RESPONDER-LIFETIME (RFC 2407 section 4.6.3.1): the other end keeps the SA for less time than we asked. */
export function withPeerLifetime(suite: Phase2Suite, message: Message): Phase2Suite {
  const notice = payloadsOf(message, 'notification').find(
    ({ notification }) => notification === Notification.RESPONDER_LIFETIME,
  )
  const seconds = notice === undefined ? undefined : secondsIn(notice.data)
  return seconds === undefined
    ? suite
    : { ...suite, lifetimeSeconds: Math.min(suite.lifetimeSeconds, seconds) }
}

function secondsIn(data: Uint8Array): number | undefined {
  try {
    const list = decode(attributeList, data)
    const type = find(list, Phase2Attribute.LIFE_TYPE)
    const duration = find(list, Phase2Attribute.LIFE_DURATION)
    if (type === undefined || duration === undefined || numberOf(type) !== LifeType.SECONDS) return undefined
    const seconds = numberOf(duration)
    return seconds === undefined || seconds < 1 ? undefined : seconds
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

/** The keys of both directions: each SA's from the SPI that its receiver chose (RFC 2409 section 5.5). */
export function childKeys(
  prf: Prf,
  d: Uint8Array,
  child: Pick<ChildSa, 'suite' | 'inboundSpi' | 'outboundSpi'>,
  nonces: Nonces,
  sharedSecret?: Uint8Array,
): ChildKeys {
  const keysFor = (spi: EspSpi) =>
    espKeys(prf, d, child.suite, {
      protocol: Protocol.ESP,
      spi: spiBytes(spi),
      nonces,
      ...(sharedSecret === undefined ? {} : { sharedSecret }),
    })
  return { inbound: keysFor(child.inboundSpi), outbound: keysFor(child.outboundSpi) }
}
