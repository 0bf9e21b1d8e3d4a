/** What every way of making a Child SA has in common: its SPI and its keys (RFC 7296 sections 2.17 and 3.3.1). */
import type { EspSpi } from '../../../src-shared/brands.ts'
import { espSpi } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import type { Random } from '../../ports.ts'
import { Protocol } from './code-points.ts'
import type { ChildKeys, ChildSa, IkeSa } from './ike-sa.ts'
import type { ExchangePorts } from './initiator.ts'
import { deriveChildKeys } from './keys.ts'
import type { ChildKeyPair } from './keys.ts'
import type { Nonces } from './exchanges/init.ts'

/** RFC 4303 section 2.1: 1 to 255 are reserved, 0 is for local use. */
const firstUsableSpi = 256

export function freshSpi(random: Random, inUse: (spi: EspSpi) => boolean): EspSpi {
  for (;;) {
    const bytes = random.bytes(4)
    const spi = espSpi(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0))
    if (spi >= firstUsableSpi && !inUse(spi)) return spi
  }
}

export function spiBytes(spi: EspSpi): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, spi)
  return bytes
}

/** The ESP SPI in four bytes; undefined when they are not one. */
export function parseEspSpi(bytes: Uint8Array): EspSpi | undefined {
  if (bytes.length !== 4) return undefined
  const spi = espSpi(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0))
  return spi >= firstUsableSpi ? spi : undefined
}

/** The peer's SPI from its SA payload. Throws VpnError 'protocol-violation'. */
export function readSpi(
  proposals: readonly { readonly protocol: number; readonly spi: Uint8Array }[],
): EspSpi {
  const first = proposals[0]
  const spi = first?.protocol === Protocol.ESP ? parseEspSpi(first.spi) : undefined
  if (spi === undefined) throw new VpnError('protocol-violation', { reason: 'ESP SPI' })
  return spi
}

/** Keys of a Child SA, turned to our directions (RFC 7296 section 2.17). */
export function childKeysFor(
  ports: ExchangePorts,
  sa: IkeSa,
  child: Pick<ChildSa, 'suite'>,
  exchange: { readonly nonces: Nonces; readonly sharedSecret?: Uint8Array; readonly weInitiated: boolean },
): ChildKeys {
  const keys = deriveChildKeys(
    ports.crypto,
    sa.suite.prf,
    sa.keys.d,
    child.suite,
    exchange.nonces,
    exchange.sharedSecret,
  )
  return directedKeys(keys, exchange.weInitiated)
}

/** Turned to our directions: the exchange's initiator sends with the first half (RFC 7296 section 2.17). */
export const directedKeys = (keys: ChildKeyPair, weInitiated: boolean): ChildKeys =>
  weInitiated
    ? { outbound: keys.initiator, inbound: keys.responder }
    : { outbound: keys.responder, inbound: keys.initiator }
