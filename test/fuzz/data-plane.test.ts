import { describe, expect, it } from 'vitest'
import { espInput } from './esp-input.ts'
import { innerPacket } from './inner-packet.ts'
import { feedMutated, fuzzInputs } from './mutator.ts'

describe('mutated packets', () => {
  it.each([innerPacket, espInput])(
    'break nothing: $name',
    (target) => {
      const total = Math.ceil(fuzzInputs * target.share)
      const understood = feedMutated(target, total)
      // The mutations reach both sides of the first checks.
      expect(understood).toBeGreaterThan(total / 20)
      expect(understood).toBeLessThan(total)
    },
    120_000,
  )
})
