/** What every way of making a Child SA has in common: its SPI and its keys (RFC 7296 sections 2.17 and 3.3.1). */
import type { EspSpi } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import { parseEspSpi } from '../esp-spi.ts'
import { Protocol } from './code-points.ts'
import type { ChildKeys, ChildSa } from '../child-sa.ts'
import type { IkeSa } from './ike-sa.ts'
import type { ExchangePorts } from './initiator.ts'
import { deriveChildKeys } from './keys.ts'
import type { ChildKeyPair } from './keys.ts'
import type { Nonces } from './exchanges/init.ts'

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
