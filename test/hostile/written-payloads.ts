import { createWriter, written } from '../../src-main/wire/codec.ts'
import { writePlainPayloads } from '../../src-main/ike/v2/payloads.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'

/** Payloads as they stand inside an Encrypted payload. */
export function writtenPayloads(payloads: readonly Payload[]): Uint8Array {
  const writer = createWriter(1024)
  writePlainPayloads(writer, payloads)
  return written(writer).slice()
}
