/** The IVs of packets: random ones for CBC, counted ones for counter modes. */
import { randomFillSync } from 'node:crypto'

const HIGHEST_HALF = 0xffff_ffff

/**
 * RFC 4106 section 3.1, RFC 3686 section 3.1: an IV never comes twice under one key; the packets of an SA end long before this counter
 * of 64 bits would. Gives a view that is valid until the next call.
 */
export function counterIv(): () => Uint8Array {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  let high = 0
  let low = 0
  return () => {
    view.setUint32(0, high)
    view.setUint32(4, low)
    if (low === HIGHEST_HALF) high += 1
    low = (low + 1) >>> 0
    return bytes
  }
}

/** How many random IVs are fetched at once. */
const IV_BATCH = 256

/** RFC 3602 section 3: an IV is random and not to be foretold. Gives a view that is valid until the next call. */
export function randomIvs(length: number): () => Uint8Array {
  const batch = new Uint8Array(IV_BATCH * length)
  let position = batch.length
  return () => {
    if (position === batch.length) {
      randomFillSync(batch)
      position = 0
    }
    position += length
    return batch.subarray(position - length, position)
  }
}
