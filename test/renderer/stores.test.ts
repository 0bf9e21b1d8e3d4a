import { afterEach, describe, expect, it, vi } from 'vitest'
import { getBridge, setBridge } from '../../src-renderer/bridge.ts'
import { connected, connectionIn } from '../../src-renderer/fake/samples-connection.ts'
import { someEntries } from '../../src-renderer/fake/samples-library.ts'
import { pickProfile } from '../../src-renderer/stores/pick-profile.ts'
import { RateRecorder } from '../../src-renderer/stores/rate-history.ts'
import { useConnections, useLog, useSettings } from '../../src-renderer/stores/slices.ts'
import { testBridge } from './fake.ts'

describe('a mirror of a slice', () => {
  it('is undefined until the first snapshot, then what the main process says', async () => {
    const bridge = testBridge()
    const settings = useSettings()
    expect(settings.value).toBeUndefined()
    await bridge.answer()
    expect(settings.value?.theme).toBe('system')
  })

  it('takes what it hears over a snapshot that comes later', async () => {
    const bridge = testBridge({ connections: [] })
    const connections = useConnections()
    bridge.push('connections', [connected()])
    await bridge.answer()
    expect(connections.value).toHaveLength(1)
  })

  it('listens once however often it is used, and not before', () => {
    const bridge = testBridge()
    useSettings()
    useSettings()
    expect(bridge.listeners('settings')).toBe(1)
    expect(bridge.listeners('log')).toBe(0)
    useLog()
    expect(bridge.listeners('log')).toBe(1)
  })
})

describe('a mirror of a slice that cannot be read', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Gives the answers in turn; after the last one there is none any more. */
  function answering(...answers: readonly (() => Promise<never>)[]) {
    testBridge()
    const bridge = getBridge()
    const left = [...answers]
    const silent = () => new Promise<never>(() => undefined)
    setBridge({ ...bridge, snapshot: () => (left.shift() ?? silent)() })
    return bridge
  }
  // As Electron hands it on.
  const refuse = () =>
    Promise.reject(new Error("Error invoking remote method 'culvert:snapshot': Error: EIO"))

  it('says why, and shows what comes after a retry', async () => {
    answering(refuse, () => Promise.resolve([] as never))
    const connections = useConnections()
    await vi.waitFor(() => {
      expect(connections.problem?.details).toEqual({ problem: 'EIO' })
    })
    connections.retry()
    expect(connections.problem).toBeUndefined()
    await vi.waitFor(() => {
      expect(connections.value).toEqual([])
    })
    expect(connections.problem).toBeUndefined()
  })

  it('does not wait for ever, and still takes a late answer', async () => {
    vi.useFakeTimers()
    let answer: (value: never) => void = () => undefined
    answering(() => new Promise((resolve) => (answer = resolve)))
    const connections = useConnections()
    await vi.advanceTimersByTimeAsync(9_900)
    expect(connections.problem).toBeUndefined()
    await vi.advanceTimersByTimeAsync(200)
    expect(connections.problem?.details).toEqual({ problem: 'no answer' })
    answer([] as never)
    await vi.advanceTimersByTimeAsync(0)
    expect(connections.value).toEqual([])
    expect(connections.problem).toBeUndefined()
  })

  it('forgets the trouble when it hears a value', async () => {
    const heard: ((value: never) => void)[] = []
    const bridge = answering(refuse)
    setBridge({
      ...bridge,
      snapshot: refuse,
      subscribe: (_name, listener) => {
        heard.push(listener)
        return () => undefined
      },
    })
    const connections = useConnections()
    await vi.waitFor(() => {
      expect(connections.problem).toBeDefined()
    })
    for (const tell of heard) tell([] as never)
    expect(connections.problem).toBeUndefined()
  })
})

describe('the profile that the window is about', () => {
  const [office, branch, laboratory] = someEntries
  const ids = someEntries.map(({ profile }) => profile.id)

  it('is the one the person chose, as long as it exists', () => {
    expect(pickProfile(someEntries, [], branch?.profile.id)).toBe(branch?.profile.id)
    expect(pickProfile(someEntries, [], 'gone')).not.toBe('gone')
  })

  it('is else the one that is alive, even where another process carries it', () => {
    const other = connectionIn({ kind: 'connected' }, { profileId: 'of a terminal', carriedBy: 'another' })
    expect(pickProfile(someEntries, [other], undefined)).toBe('of a terminal')
  })

  it('is else the one that connected last', () => {
    expect(pickProfile(someEntries, [], undefined)).toBe(office?.profile.id)
    expect(
      pickProfile(
        [laboratory].flatMap((one) => one ?? []),
        [],
        undefined,
      ),
    ).toBe(ids[2])
  })

  it('is nothing where there is nothing', () => {
    expect(pickProfile([], [], undefined)).toBeUndefined()
  })
})

describe('rates out of counters that only grow', () => {
  const traffic = (inbound: number, outbound: number) => ({
    inbound: { packets: 0, bytes: inbound },
    outbound: { packets: 0, bytes: outbound },
  })

  it('are bytes a second between two samples', () => {
    const recorder = new RateRecorder()
    recorder.record(10_000, traffic(1000, 100))
    recorder.record(12_000, traffic(5000, 300))
    expect(recorder.history).toEqual({ times: [12_000], inbound: [2000], outbound: [100] })
  })

  it('do not jump when statuses arrive ten times a second', () => {
    const recorder = new RateRecorder()
    for (let tenth = 0; tenth <= 50; tenth += 1) recorder.record(tenth * 100, traffic(tenth * 100, 0))
    expect(recorder.history.inbound.length).toBeLessThanOrEqual(6)
    expect(recorder.history.inbound.every((rate) => Math.abs(rate - 1000) < 1)).toBe(true)
  })

  it('begin anew when the counters did, and after a long gap', () => {
    const recorder = new RateRecorder()
    recorder.record(1000, traffic(9000, 0))
    recorder.record(2000, traffic(9500, 0))
    recorder.record(3000, traffic(10, 0))
    expect(recorder.history.times).toEqual([])
    recorder.record(4000, traffic(20, 0))
    recorder.record(60_000, traffic(30, 0))
    expect(recorder.history.times).toEqual([])
  })

  it('keep a quarter of an hour and no more', () => {
    const recorder = new RateRecorder()
    for (let second = 0; second < 2000; second += 1) recorder.record(second * 1000, traffic(second, 0))
    expect(recorder.history.times).toHaveLength(900)
    expect(recorder.history.times.at(-1)).toBe(1_999_000)
  })
})
