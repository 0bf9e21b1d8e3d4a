/** The small adapters: programs, names, time, sockets. */
import { describe, expect, it, vi } from 'vitest'
import { createClock } from '../../src-main/host/clock.ts'
import { createResolver } from '../../src-main/host/resolver.ts'
import { run } from '../../src-main/host/run.ts'
import { createDatagrams } from '../../src-main/host/udp.ts'
import { millis } from '../../src-shared/brands.ts'

describe('run', () => {
  it('gives what a program wrote, and takes its input', async () => {
    expect(await run(['cat'], { input: 'a\nb' })).toEqual({ stdout: 'a\nb', stderr: '' })
  })
  it('hands words over as they are: there is no shell', async () => {
    expect((await run(['echo', '$HOME;', '`id`', '*'])).stdout).toBe('$HOME; `id` *\n')
  })
  it('gives nothing of our environment away', async () => {
    vi.stubEnv('SECRET', 'x')
    expect((await run(['env'])).stdout).not.toContain('SECRET')
    vi.unstubAllEnvs()
  })
  it('says how a program failed', async () => {
    await expect(run(['sh', '-c', 'echo no >&2; exit 3'], { step: 'try' })).rejects.toMatchObject({
      code: 'host-step-failed',
      step: 'try',
      exit: 3,
      stderr: 'no\n',
      details: { step: 'try', exit: '3', reason: 'no' },
    })
  })
  it('says that a program is missing', async () => {
    await expect(run(['/nonexistent/program'])).rejects.toMatchObject({
      exit: null,
      step: '/nonexistent/program',
    })
  })
  it('ends a program that takes too long', async () => {
    await expect(run(['sleep', '60'], { timeoutMs: 50 })).rejects.toMatchObject({ stderr: 'took too long' })
  })
})

describe('the resolver', () => {
  const resolver = createResolver()
  it('passes addresses', async () => {
    const { signal } = new AbortController()
    expect(await resolver.resolve('192.0.2.1', signal)).toEqual([{ address: '192.0.2.1', family: 4 }])
    expect(await resolver.resolve('2001:db8::1', signal)).toEqual([{ address: '2001:db8::1', family: 6 }])
  })
  it('finds localhost', async () => {
    const found = await resolver.resolve('localhost', new AbortController().signal)
    expect(found.map(({ address }) => address)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(127\.|::1)/)]),
    )
  })
  it('says which name it did not find', async () => {
    await expect(
      resolver.resolve('does-not-exist.invalid', new AbortController().signal),
    ).rejects.toMatchObject({
      code: 'gateway-not-found',
      details: { host: 'does-not-exist.invalid' },
    })
  })
  it('stops waiting when told to', async () => {
    const controller = new AbortController()
    const asked = resolver.resolve('slow.invalid', controller.signal)
    controller.abort()
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    await expect(resolver.resolve('slow.invalid', controller.signal)).rejects.toMatchObject({
      code: 'cancelled',
    })
  })
})

describe('the clock', () => {
  it('waits longer than a timer can', () => {
    vi.useFakeTimers()
    const task = vi.fn()
    createClock().after(millis(0x1_0000_0000), task)
    vi.advanceTimersByTime(0xffff_ffff)
    expect(task).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(task).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })
  it('forgets a cancelled task', () => {
    vi.useFakeTimers()
    const cancel = createClock().after(millis(5), () => expect.unreachable())
    cancel()
    cancel()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })
})

describe('sockets', () => {
  it('say that a port is busy', () => {
    const datagrams = createDatagrams()
    const first = datagrams.open(4, 0, '127.0.0.1')
    expect(() => datagrams.open(4, first.localPort, '127.0.0.1')).toThrow(
      expect.objectContaining({ code: 'port-busy' }),
    )
    first.close()
  })
  it('say that an address is not ours', () => {
    expect(() => createDatagrams().open(4, 0, '192.0.2.77')).toThrow(
      expect.objectContaining({ code: 'host-step-failed' }),
    )
  })
})
