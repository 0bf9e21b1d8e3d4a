/** SPIs of ESP as IKE makes and reads them (RFC 4303 section 2.1). */
import type { EspSpi } from '../../src-shared/brands.ts'
import { espSpi } from '../../src-shared/brands.ts'
import type { Random } from '../ports.ts'

/** RFC 4303 section 2.1: 1 to 255 are reserved, 0 is for local use. */
const firstUsableSpi = 256

/** An SPI that the data plane does not know yet. */
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
