/** Whose a certificate says it is, for the exchange view; what is relied on reads pki/. */
import { createReader, decode, DecodeError, struct } from '../wire/codec.ts'
import { anyElement, element, SEQUENCE } from '../wire/der.ts'
import { rest } from '../wire/sequences.ts'
import { formatDistinguishedName } from './distinguished-name.ts'

const anything = anyElement(rest)
const content = element(SEQUENCE, rest)
const certificate = struct({ signed: content, more: rest })
/** Explicitly tagged, optional: the version (RFC 5280 section 4.1). */
const VERSION_TAG = 0xa0

/** The subject of a certificate (RFC 5280 section 4.1.2.6), looked for and not judged; undefined where there is none. */
export function certificateSubject(der: Uint8Array): string | undefined {
  try {
    const { signed } = decode(certificate, decode(content, der))
    return subjectIn(signed)
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

/** Behind version, serialNumber, signature, issuer and validity. */
function subjectIn(signed: Uint8Array): string | undefined {
  const reader = createReader(signed)
  const first = anything.decode(reader)
  const before = first.tag === VERSION_TAG ? 4 : 3
  for (let skipped = 0; skipped < before; skipped += 1) anything.decode(reader)
  const start = reader.position
  anything.decode(reader)
  return formatDistinguishedName(signed.subarray(start, reader.position))
}
