/** IKE message fragmentation (RFC 7383): cutting what is too large, and putting fragments together within bounds. */
import type { MessageId } from '../../../src-shared/brands.ts'
import { struct } from '../../wire/codec.ts'
import { u16 } from '../../wire/integers.ts'

/*
 * The Encrypted Fragment payload (section 2.5), before the IV:
 * |        Fragment Number        |        Total Fragments        |
 */
export const fragmentFields = struct({ number: u16, total: u16 })
export const FRAGMENT_FIELDS_LENGTH = 4

export const MOST_FRAGMENTS = 64
export const MOST_REASSEMBLED_BYTES = 65_536

/** Which fragment of which message a datagram says it is. */
export interface FragmentPlace {
  readonly response: boolean
  readonly messageId: MessageId
  /** From 1 to `total`. */
  readonly number: number
  readonly total: number
}

export type FragmentDrop =
  'bad-fragment' | 'too-many-fragments' | 'stale-fragment' | 'duplicate-fragment' | 'fragments-too-large'

export type Kept =
  | { readonly kind: 'kept' }
  | { readonly kind: 'complete'; readonly first: number; readonly plaintext: Uint8Array }
  | { readonly kind: 'dropped'; readonly reason: FragmentDrop }

/** The memory of one IKE SA for fragments of its peer: one message as a request and one as a response, 64 KiB each at most. */
export interface Reassembly {
  /** Whether this fragment would be kept; asked before anything is decrypted. */
  refuses(place: FragmentPlace): FragmentDrop | undefined
  /** Takes the plaintext of an authenticated fragment. `first` is the number of its first payload, of use in fragment 1 only. */
  keep(place: FragmentPlace, first: number, plaintext: Uint8Array): Kept
}

interface Collection {
  readonly messageId: MessageId
  readonly total: number
  readonly parts: Map<number, Uint8Array>
  first: number
  bytes: number
  isComplete: boolean
}

function joined({ parts, total, bytes }: Collection): Uint8Array {
  const plaintext = new Uint8Array(bytes)
  let at = 0
  for (let number = 1; number <= total; number += 1) {
    const part = parts.get(number)
    if (part === undefined) continue
    plaintext.set(part, at)
    at += part.length
  }
  return plaintext
}

function refusalBy(collection: Collection | undefined, place: FragmentPlace): FragmentDrop | undefined {
  const { messageId, number, total } = place
  // RFC 7383 section 2.6: numbers count from 1 and stay within the total.
  if (number === 0 || total === 0 || number > total) return 'bad-fragment'
  if (total > MOST_FRAGMENTS) return 'too-many-fragments'
  if (collection === undefined || messageId > collection.messageId) return undefined
  // RFC 7383 section 2.6: a smaller total belongs to an earlier, larger cut; a larger one replaces what is here.
  if (messageId < collection.messageId || total < collection.total) return 'stale-fragment'
  if (total > collection.total) return undefined
  return collection.isComplete || collection.parts.has(number) ? 'duplicate-fragment' : undefined
}

export function createReassembly(): Reassembly {
  const collections = new Map<boolean, Collection>()
  const collectionFor = ({ response, messageId, total }: FragmentPlace): Collection => {
    const known = collections.get(response)
    if (known?.messageId === messageId && known.total === total) return known
    const fresh = {
      messageId,
      total,
      parts: new Map<number, Uint8Array>(),
      first: 0,
      bytes: 0,
      isComplete: false,
    }
    collections.set(response, fresh)
    return fresh
  }
  const refuses = (place: FragmentPlace) => refusalBy(collections.get(place.response), place)
  return {
    refuses,
    keep(place, first, plaintext) {
      const reason = refuses(place)
      if (reason !== undefined) return { kind: 'dropped', reason }
      const collection = collectionFor(place)
      if (collection.bytes + plaintext.length > MOST_REASSEMBLED_BYTES) {
        collections.delete(place.response)
        return { kind: 'dropped', reason: 'fragments-too-large' }
      }
      collection.parts.set(place.number, plaintext)
      collection.bytes += plaintext.length
      // RFC 7383 section 2.5: only the first fragment names the type of the first payload.
      if (place.number === 1) collection.first = first
      if (collection.parts.size < collection.total) return { kind: 'kept' }
      const whole = joined(collection)
      collection.isComplete = true
      collection.parts.clear()
      return { kind: 'complete', first: collection.first, plaintext: whole }
    },
  }
}

/** The plaintext cut into pieces of at most so many bytes; views. At least one piece. */
export function cut(plaintext: Uint8Array, size: number): readonly Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < plaintext.length || pieces.length === 0; at += size) {
    pieces.push(plaintext.subarray(at, at + size))
  }
  return pieces
}
