import { describe, expect, it } from 'vitest'
import { espInput } from './esp-input.ts'
import { innerPacket } from './inner-packet.ts'
import { createDice, mutate } from './mutator.ts'

/** CI asks for more by CULVERT_FUZZ. CULVERT_FUZZ_SEED has a failure again. */
const inputs = Number(process.env['CULVERT_FUZZ'] ?? 20_000)
const seed = Number(process.env['CULVERT_FUZZ_SEED'] ?? 1)

describe('mutated packets', () => {
  it.each([innerPacket, espInput])(
    'break nothing: $name',
    ({ seeds, share, run }) => {
      const dice = createDice(seed)
      for (const input of seeds) run(input)
      const total = Math.ceil(inputs * share)
      let understood = 0
      for (let count = 0; count < total; count += 1) {
        const input = mutate(seeds, dice)
        try {
          if (run(input)) understood += 1
        } catch (error) {
          const hex = Buffer.from(input).toString('hex')
          throw new Error(`input ${count} of seed ${seed}: ${hex}`, { cause: error })
        }
      }
      // The mutations reach both sides of the first checks.
      expect(understood).toBeGreaterThan(total / 20)
      expect(understood).toBeLessThan(total)
    },
    120_000,
  )
})
