/** NAT detection (RFC 7296 section 2.23; RFC 3947 section 3.2 hashes the same in IKEv1 with another hash). */
import type { IkeSpi } from '../../src-shared/brands.ts'
import { addressToBytes, parseAddress } from '../ip/address.ts'
import type { Crypto, Endpoint } from '../ports.ts'
import { encode, struct } from '../wire/codec.ts'
import { u16, u64 } from '../wire/integers.ts'
import { rest } from '../wire/sequences.ts'

/* SPIs in the order of the header, then the address (4 or 16 bytes) and the port, all in network byte order. */
const hashed = struct({ initiatorSpi: u64, responderSpi: u64, portless: rest })
const port = struct({ port: u16 })

/**
 * The data of NAT_DETECTION_SOURCE_IP or NAT_DETECTION_DESTINATION_IP: SHA-1 over SPIs, address and port. The responder's SPI
 * is zero in the first request. Throws TypeError when the endpoint's address is not an address: a bug of the caller.
 */
export function natDetectionHash(
  crypto: Pick<Crypto, 'hash'>,
  initiatorSpi: IkeSpi,
  responderSpi: IkeSpi,
  endpoint: Endpoint,
): Uint8Array {
  const address = parseAddress(endpoint.address)
  if (address === undefined) throw new TypeError('NAT detection needs an IP address')
  return crypto.hash(
    'sha1',
    encode(hashed, { initiatorSpi, responderSpi, portless: addressToBytes(address) }),
    encode(port, { port: endpoint.port }),
  )
}
