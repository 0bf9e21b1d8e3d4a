/** When the gateway wants to see us authenticate again (RFC 4478), and changes its mind. */
import { describe, expect, it } from 'vitest'
import { millis } from '../../src-shared/brands.ts'
import { AuthLifetime } from '../../src-main/engine/care.ts'
import { createFakeClock } from '../fakes/fake-clock.ts'

const begin = () => {
  const clock = createFakeClock()
  const over = new AbortController()
  const lifetime = new AuthLifetime()
  const seen = { due: false }
  const wait = lifetime.due(clock, over.signal).then(() => (seen.due = true))
  return { clock, over, lifetime, seen, wait }
}
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('an authentication’s lifetime', () => {
  it('never comes to its end when the gateway says nothing', async () => {
    const { clock, over, seen, wait } = begin()
    await clock.pass(1_000_000_000, settle)
    expect(seen.due).toBe(false)
    over.abort()
    await wait
  })

  it('is counted from when it was said, with time to spare', async () => {
    const { clock, lifetime, seen } = begin()
    await clock.pass(5_000, settle)
    lifetime.tell(millis(100_000))
    await settle()
    await clock.pass(84_000, settle)
    expect(seen.due).toBe(false)
    await clock.pass(2_000, settle)
    expect(seen.due).toBe(true)
  })

  it('is what was said last', async () => {
    const { clock, lifetime, seen } = begin()
    lifetime.tell(millis(100_000))
    await clock.pass(50_000, settle)
    lifetime.tell(millis(20_000))
    await settle()
    await clock.pass(16_000, settle)
    expect(seen.due).toBe(false)
    await clock.pass(2_000, settle)
    expect(seen.due).toBe(true)
  })

  it('leaves no timer when the session ends first', async () => {
    const { clock, over, lifetime, wait } = begin()
    lifetime.tell(millis(100_000))
    await settle()
    over.abort()
    await wait
    expect(clock.pending).toBe(0)
  })
})
