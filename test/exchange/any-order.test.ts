import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { millis } from '../../src-shared/brands.ts'
import { createFakeRandom } from '../fakes/fake-random.ts'
import type { From, Story } from './story.ts'
import { tellStory } from './story.ts'
import { agreement, exchangePackets, passes, whole } from './traffic.ts'

/** More with CULVERT_RUNS, for a long night. */
const numRuns = Number(process.env['CULVERT_RUNS'] ?? 40)

type What = 'rekey the IKE SA' | 'rekey the Child SA' | 'ask'
interface Action {
  readonly side: From
  readonly what: What
  readonly afterMs: number
}

const action: fc.Arbitrary<Action> = fc.record({
  side: fc.constantFrom<From[]>('client', 'gateway'),
  what: fc.constantFrom<What[]>('rekey the IKE SA', 'rekey the Child SA', 'rekey the Child SA', 'ask'),
  afterMs: fc.constantFrom(0, 0, 0, 20, 300, 2_000, 12_000),
})

function act(story: Story, { side, what }: Action): void {
  const { session } = story[side]
  switch (what) {
    case 'rekey the IKE SA':
      session.rekeyIkeSa()
      return
    case 'rekey the Child SA': {
      const child = session.children.at(-1)
      if (child !== undefined) session.rekeyChildOf(child.inboundSpi)
      return
    }
    case 'ask':
      session.probe()
      return
  }
}

/** Shorter than the patience of either end, so that nobody is right to call the other silent. */
const badForMs = 15_000

/** A wire that loses, repeats and delays: what becomes of each datagram follows from the seed. */
function disturb(story: Story, seed: string, badness: number): void {
  const random = createFakeRandom(seed)
  const draw = () => (random.bytes(1)[0] ?? 0) / 256
  const until = story.clock.monotonic() + badForMs
  story.wire.meddle = (datagram) => {
    if (story.clock.monotonic() > until) return [datagram]
    const fate = draw()
    if (fate < 0.3 * badness) return []
    if (fate < 0.5 * badness) return [datagram, datagram]
    if (fate < 0.9 * badness) {
      story.clock.after(millis(draw() * 3_000), () => story.inject(datagram.from, datagram.bytes))
      return []
    }
    return [datagram]
  }
}

describe('whatever both ends begin, and in whatever order the wire delivers', () => {
  it('they end with one IKE SA and one Child SA, the same ones, and no packet was without its SA', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 1, maxLength: 8 }),
        fc.string({ maxLength: 4 }),
        fc.constantFrom(0, 0.3, 1),
        async (actions, seed, badness) => {
          const story = tellStory({ seed })
          await story.connect()
          const broken: string[] = []
          const settle = async () => {
            await story.settle()
            exchangePackets(story)
            const now = passes(story)
            if (!now.in || !now.out) broken.push(JSON.stringify(now))
          }
          disturb(story, seed, badness)
          for (const next of actions) {
            await story.clock.pass(next.afterMs, settle)
            act(story, next)
          }
          await story.clock.pass(3_000, settle)
          story.wire.meddle = (datagram) => [datagram]
          await story.clock.pass(180_000, settle)
          const end = agreement(story)
          story.close()
          expect({ ...end, broken }).toEqual({ ...whole, broken: [] })
        },
      ),
      { numRuns },
    )
  }, 3_600_000)
})
