/** How hard a pre-shared key is to guess, as far as its own letters tell: an upper bound, told with care. */

const classes: readonly { readonly is: (byte: number) => boolean; readonly size: number }[] = [
  { is: (byte) => byte >= 0x30 && byte <= 0x39, size: 10 },
  { is: (byte) => byte >= 0x61 && byte <= 0x7a, size: 26 },
  { is: (byte) => byte >= 0x41 && byte <= 0x5a, size: 26 },
  { is: (byte) => byte >= 0x20 && byte <= 0x7e, size: 33 },
  { is: () => true, size: 128 },
]

/** Below this a key falls to whoever tries keys at home for some months. */
export const GUESSABLE_BITS = 75

/**
 * Bits: what each letter adds by the kinds of letters there are, a quarter of that for those that repeat the one before or go on
 * from it (`aaa`, `123`), nothing for more of a kind than there is. Words are not known here; a key of words is weaker than this says.
 */
export function guessBits(secret: Uint8Array): number {
  const kinds = new Set<number>()
  let effective = 0
  let before: number | undefined
  for (const byte of secret) {
    kinds.add(classes.findIndex(({ is }) => is(byte)))
    const goesOn = before !== undefined && Math.abs(byte - before) <= 1
    effective += goesOn ? 0.25 : 1
    before = byte
  }
  const alphabet = [...kinds].reduce((sum, kind) => sum + (classes[kind]?.size ?? 0), 0)
  const distinct = new Set(secret).size
  // A key of two letters has not the choice of an alphabet.
  const choice = Math.min(alphabet, distinct * distinct)
  return choice < 2 ? 0 : Math.round(effective * Math.log2(choice))
}
