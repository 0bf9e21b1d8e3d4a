/** Traffic selectors on the wire (RFC 7296 section 3.13.1). */
import { addressFromBytes, addressToBytes, compareAddresses } from '../../ip/address.ts'
import { isOpaque } from '../../ip/traffic-selector.ts'
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import { EncodeError, struct } from '../../wire/codec.ts'
import type { Codec } from '../../wire/codec.ts'
import { reserved, u16, u8 } from '../../wire/integers.ts'
import { bytes, lengthPrefixed, link, mapped, rest, variant } from '../../wire/sequences.ts'
import { TrafficSelectorType } from './code-points.ts'

/*
 * |   TS Type     |IP Protocol ID*|       Selector Length         |
 * |           Start Port*         |           End Port*           |
 * |                         Starting Address*                     ~
 * |                         Ending Address*                       ~
 */
const range = (addressLength: number): Codec<TrafficSelector | undefined> =>
  mapped(
    struct({
      protocol: u8,
      sized: lengthPrefixed(
        u16,
        struct({ startPort: u16, endPort: u16, start: bytes(addressLength), end: bytes(addressLength) }),
        { plus: 4 },
      ),
    }),
    ({ protocol, sized: { startPort, endPort, start: startBytes, end: endBytes } }, refuse) => {
      const start = addressFromBytes(startBytes) ?? refuse()
      const end = addressFromBytes(endBytes) ?? refuse()
      const selector = { protocol, startPort, endPort, start, end }
      // Backward ranges have no meaning but OPAQUE's (section 3.13.1).
      if (compareAddresses(start, end) > 0 || (startPort > endPort && !isOpaque(selector))) refuse()
      return selector
    },
    (selector: TrafficSelector | undefined) => {
      if (selector === undefined) throw new EncodeError('A selector that was not understood is never sent')
      const { protocol, startPort, endPort, start, end } = selector
      return {
        protocol,
        sized: { startPort, endPort, start: addressToBytes(start), end: addressToBytes(end) },
      }
    },
  )

/** A selector of a type we do not know has a length too, so it can be passed over. */
const unknown: Codec<TrafficSelector | undefined> = mapped(
  struct({ protocol: u8, data: lengthPrefixed(u16, rest, { plus: 4 }) }),
  () => undefined,
  () => {
    throw new EncodeError('A selector that was not understood is never sent')
  },
)

const selector = variant(
  u8,
  new Map([
    [TrafficSelectorType.TS_IPV4_ADDR_RANGE, range(4)],
    [TrafficSelectorType.TS_IPV6_ADDR_RANGE, range(16)],
  ]),
  unknown,
  (value) =>
    value?.start.family === 4
      ? TrafficSelectorType.TS_IPV4_ADDR_RANGE
      : TrafficSelectorType.TS_IPV6_ADDR_RANGE,
)

/** What a TS payload holds: the selectors we understand, and how many others were passed over. */
export interface Selectors {
  readonly selectors: readonly TrafficSelector[]
  /** Selectors of unknown types in a decoded payload; leave out when encoding. */
  readonly unknownSelectors?: number
}

/*
 * | Number of TSs |                 RESERVED                      |
 * |                       <Traffic Selectors>                     ~
 */
const count = link(u8)
const wire = struct({ _count: count.field, _: reserved(3), list: count.list(selector, 255) })

const isKnown = (value: TrafficSelector | undefined) => value !== undefined

/** The whole body of a TS payload with its type before it. */
export const selectorsPayload = <const Type extends string>(
  type: Type,
): Codec<{ readonly type: Type } & Selectors> =>
  mapped(
    wire,
    ({ list }) => {
      const selectors = list.filter(isKnown)
      const unknownSelectors = list.length - selectors.length
      return unknownSelectors === 0 ? { type, selectors } : { type, selectors, unknownSelectors }
    },
    ({ selectors }) => ({ list: selectors }),
  )
