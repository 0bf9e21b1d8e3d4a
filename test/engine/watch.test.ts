import { describe, expect, it } from 'vitest'
import { watchMachine } from '../../src-main/engine/watch.ts'
import { epochMillis } from '../../src-shared/brands.ts'
import { createFakeClock } from '../fakes/fake-clock.ts'
import { createFakeHostNetwork } from '../fakes/fake-host-network.ts'

function watched() {
  const ticking = createFakeClock()
  const heard: string[] = []
  const hostNetwork = createFakeHostNetwork()
  let slept = 0
  const clock = { ...ticking, wall: () => epochMillis(ticking.wall() + slept) }
  const stop = watchMachine(
    { clock, hostNetwork },
    { onWake: () => heard.push('woke'), onNetworkChange: () => heard.push('network') },
  )
  return {
    heard,
    hostNetwork,
    stop,
    pass: (delayMs: number) => ticking.pass(delayMs),
    sleep: (delayMs: number) => void (slept += delayMs),
    timers: () => ticking.pending,
  }
}

describe('watching the machine', () => {
  it('hears nothing while nothing happens', async () => {
    const { heard, pass } = watched()
    await pass(3_600_000)
    expect(heard).toEqual([])
  })

  it('notices a sleep once, within seconds of waking up', async () => {
    const { heard, pass, sleep } = watched()
    await pass(7_000)
    sleep(60_000)
    await pass(5_000)
    expect(heard).toEqual(['woke'])
    await pass(600_000)
    expect(heard).toEqual(['woke'])
  })

  it('takes a small step of the clock for what it is', async () => {
    const { heard, pass, sleep } = watched()
    sleep(9_000)
    await pass(10_000)
    sleep(-3_600_000)
    await pass(10_000)
    expect(heard).toEqual([])
  })

  it('passes on changes of the network', () => {
    const { heard, hostNetwork } = watched()
    hostNetwork.change()
    hostNetwork.change()
    expect(heard).toEqual(['network', 'network'])
  })

  it('stops', async () => {
    const { heard, hostNetwork, stop, pass, sleep, timers } = watched()
    stop()
    hostNetwork.change()
    sleep(60_000)
    await pass(60_000)
    expect(heard).toEqual([])
    expect(timers()).toBe(0)
    expect(hostNetwork.listeners).toBe(0)
  })
})
