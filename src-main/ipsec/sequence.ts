/** An outbound SA's sequence numbers (RFC 4303 sections 2.2 and 3.3.3). They never wrap. */

const LIMIT = 0x1_0000_0000
const HIGHEST_WORD = 0xffff_ffff

/** The number used last; written by `nextSequence` alone. */
export interface SequenceCounter {
  high: number
  low: number
  readonly extended: boolean
}

export const createSequenceCounter = (extended: boolean, last = 0n): SequenceCounter => ({
  high: Number((last >> 32n) & 0xffff_ffffn),
  low: Number(last & 0xffff_ffffn),
  extended,
})

/** Goes on to the next number; false when there is none left: a number is never used twice with a key. */
export function nextSequence(counter: SequenceCounter): boolean {
  if (counter.low < HIGHEST_WORD) {
    counter.low += 1
    return true
  }
  if (!counter.extended || counter.high === HIGHEST_WORD) return false
  counter.high += 1
  counter.low = 0
  return true
}

/** Whether the number used last was the last there is. */
export const isExhausted = (counter: SequenceCounter): boolean =>
  counter.low === HIGHEST_WORD && (!counter.extended || counter.high === HIGHEST_WORD)

/** Whether seven eighths of the numbers are used: time to rekey, with hours left at any speed seen today. */
export const isNearlyExhausted = (counter: SequenceCounter): boolean =>
  (counter.extended ? counter.high : counter.low) >= 0xe000_0000

/** For display: exact up to 2^53. */
export const sequenceNumber = ({ high, low }: { readonly high: number; readonly low: number }): number =>
  high * LIMIT + low
