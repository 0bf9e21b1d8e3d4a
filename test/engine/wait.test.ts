import { describe, expect, it } from 'vitest'
import { pause, unlessCancelled } from '../../src-main/engine/wait.ts'
import { millis } from '../../src-shared/brands.ts'
import { createFakeClock } from '../fakes/fake-clock.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a pause', () => {
  it('ends with its time, or with any of its signals, and leaves no timer', async () => {
    for (const end of ['time', 'first', 'second'] as const) {
      const clock = createFakeClock()
      const [first, second] = [new AbortController(), new AbortController()]
      let over = false
      const done = pause(clock, millis(1_000), [first.signal, second.signal]).then(() => (over = true))
      await clock.pass(999)
      await turn()
      expect(over).toBe(false)
      if (end === 'first') first.abort()
      if (end === 'second') second.abort()
      if (end === 'time') await clock.pass(1)
      await done
      expect(clock.pending).toBe(0)
    }
  })

  it('does not begin when a signal has fired', async () => {
    const clock = createFakeClock()
    await pause(clock, millis(1_000), [AbortSignal.abort()])
    expect(clock.pending).toBe(0)
  })
})

describe('work that may be cancelled', () => {
  it('gives what it gives, and fails as it fails', async () => {
    const { signal } = new AbortController()
    await expect(unlessCancelled(Promise.resolve(7), signal)).resolves.toBe(7)
    await expect(unlessCancelled(Promise.reject(new RangeError('x')), signal)).rejects.toThrow(RangeError)
  })

  it('rejects at once when cancelled, and hands what comes later to its keeper', async () => {
    const controller = new AbortController()
    const late: number[] = []
    let finish: (value: number) => void = () => undefined
    const work = unlessCancelled(
      new Promise<number>((resolve) => (finish = resolve)),
      controller.signal,
      (value) => late.push(value),
    )
    controller.abort()
    await expect(work).rejects.toMatchObject({ code: 'cancelled' })
    finish(7)
    await turn()
    expect(late).toEqual([7])
  })

  it('swallows how cancelled work fails later', async () => {
    const controller = new AbortController()
    let fail: (error: Error) => void = () => undefined
    const work = unlessCancelled(new Promise((_, reject) => (fail = reject)), controller.signal)
    controller.abort()
    await expect(work).rejects.toMatchObject({ code: 'cancelled' })
    fail(new Error('too late'))
    await turn()
  })

  it('is not waited for when it was cancelled before', async () => {
    const work = unlessCancelled(new Promise(() => undefined), AbortSignal.abort())
    await expect(work).rejects.toMatchObject({ code: 'cancelled' })
  })
})
