/** Puts TLS messages together from EAP's fragments, and cuts ours (RFC 5216 section 2.1.5). One message at a time, either way. */
import type { TlsFragment } from './tls-packet.ts'

/** Bytes of TLS in one packet: what gateways and RADIUS servers send and take without a question. */
const fragmentBytes = 1024
/** A whole message: more than the longest chains of certificates need. */
export const mostMessageBytes = 65_536
const mostFragments = 128

export type Arrived =
  /** More is to come: acknowledge. */
  | { readonly kind: 'part' }
  /** The whole message, a copy. Empty: an acknowledgement, or nothing to say. */
  | { readonly kind: 'whole'; readonly message: Uint8Array }
  | { readonly kind: 'wrong'; readonly problem: string }

export interface Reassembly {
  take(fragment: TlsFragment): Arrived
}

const wrong = (problem: string): Arrived => ({ kind: 'wrong', problem })

/** Lengths are checked before anything is kept. */
export function createReassembly(): Reassembly {
  let parts: Uint8Array[] = []
  let size = 0
  let expected: number | undefined
  return {
    take({ data, more, total }) {
      // RFC 5216 section 3.1: the length stands in the first fragment; those who repeat it say the same.
      if (total !== undefined && expected !== undefined && total !== expected) return wrong('another length')
      if (total !== undefined && total > mostMessageBytes) return wrong('a message that is too long')
      if (parts.length === 0) expected = total
      if (size + data.length > (expected ?? mostMessageBytes)) return wrong('more bytes than announced')
      if (more && data.length === 0) return wrong('an empty fragment')
      if (parts.length === mostFragments) return wrong('too many fragments')
      parts.push(data.slice())
      size += data.length
      if (more) return { kind: 'part' }
      if (expected !== undefined && size !== expected) return wrong('fewer bytes than announced')
      const message = new Uint8Array(size)
      let at = 0
      for (const part of parts) {
        message.set(part, at)
        at += part.length
      }
      parts = []
      size = 0
      expected = undefined
      return { kind: 'whole', message }
    },
  }
}

export interface Cutting {
  /** Begins with a message; gives its first fragment. An empty message is an acknowledgement. */
  begin(message: Uint8Array): TlsFragment
  /** The next fragment; undefined when all are gone. */
  next(): TlsFragment | undefined
}

/** `version`: what stands in the flags of each. */
export function createCutting(version: number): Cutting {
  let left: Uint8Array = new Uint8Array(0)
  const cut = (total: number | undefined): TlsFragment => {
    const data = left.subarray(0, fragmentBytes)
    left = left.subarray(data.length)
    return { start: false, more: left.length > 0, version, total, data }
  }
  return {
    begin(message) {
      left = message
      // RFC 5216 section 2.1.5: the length only where there are fragments; some servers stumble over it elsewhere.
      return cut(message.length > fragmentBytes ? message.length : undefined)
    },
    next: () => (left.length === 0 ? undefined : cut(undefined)),
  }
}
