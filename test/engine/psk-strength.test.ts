import { describe, expect, it } from 'vitest'
import { GUESSABLE_BITS, guessBits } from '../../src-main/engine/psk-strength.ts'

const bits = (text: string): number => guessBits(new TextEncoder().encode(text))

describe('how hard a pre-shared key is to guess', () => {
  it('is little for what people make up', () => {
    for (const text of [
      '',
      'a',
      'aaaaaaaaaaaaaaaaaaaaaaaa',
      '123456789012345678',
      'cisco123',
      'Sommer2024!',
      'abababababababababab',
    ])
      expect(bits(text), text).toBeLessThan(GUESSABLE_BITS)
  })

  it('is enough for what a generator makes', () => {
    for (const text of ['kV9#qLm2@xTz7!', '8f14e45fceea167a5a36dedd4bea2543', 'q7mz kd93 wvb2 hx5t r8np'])
      expect(bits(text), text).toBeGreaterThan(GUESSABLE_BITS)
  })

  it('grows with length and kinds of letters', () => {
    expect(bits('hktbwqzr')).toBeLessThan(bits('hktbwqzrmxpl'))
    expect(bits('hktbwqzr')).toBeLessThan(bits('hKtb7qz!'))
  })
})
