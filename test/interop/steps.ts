/** What happens to a standing tunnel. Each step proves what it is named after; the traffic check runs again after it. */
import { expect } from 'vitest'
import { addresses } from './lab/network.ts'
import { clientOf } from './lab/defaults.ts'
import type { StepName } from './lab/scenario.ts'
import { delay, until } from './lab/processes.ts'
import { mustSwanctl } from './lab/strongswan.ts'
import type { Running } from './run-scenario.ts'

type Step = (running: Running) => Promise<void>

/** Keeps numbered packets flowing while `change` happens; each must come back exactly once. */
const withoutLoss = async (running: Running, change: () => Promise<void>): Promise<void> => {
  const { virtual } = clientOf(running.scenario)
  const address = virtual.ipv4 || !virtual.ipv6 ? addresses.office.ipv4 : addresses.office.ipv6
  await running.lab.probe.streamStart(address, 4)
  await delay(100)
  try {
    await change()
    await delay(300)
  } finally {
    const result = await running.lab.probe.streamStop()
    expect(result.missing, `of ${result.sent} packets`).toEqual([])
    expect(result.repeated).toBe(0)
    expect(result.errors).toEqual([])
    expect(result.sent).toBeGreaterThan(50)
  }
}

/** Has it done so many times and waits each time until exactly one other SA stands. */
const rekeying =
  (what: 'child' | 'ike', times: number, trigger: Step): Step =>
  async (running) => {
    for (let time = 0; time < times; time++) {
      const before = await running.spis()
      await trigger(running)
      await until(
        `a new ${what} SA at the gateway`,
        async () => {
          const now = await running.spis()
          // Exactly one is left, and it is another one.
          if (now[what] === before[what] || now[what].includes(',')) return undefined
          // The IKE SA's rekeying keeps the Child SAs (RFC 7296 section 2.8).
          return what === 'ike' && now.child !== before.child ? undefined : true
        },
        15_000,
      )
    }
  }

export const rekeyed =
  (what: 'child' | 'ike', times: number, trigger: Step): Step =>
  (running) =>
    withoutLoss(running, () => rekeying(what, times, trigger)(running))

/** Both rekey by their own clocks for eight seconds; in the end exactly one SA stands, and another than at first. */
const bothRekey =
  (what: 'child' | 'ike'): Step =>
  (running) =>
    withoutLoss(running, async () => {
      const before = await running.spis()
      await delay(8000)
      await until('one SA to be left', async () => {
        const now = await running.spis()
        return now[what] !== before[what] && !now[what].includes(',') && now[what] !== '' ? true : undefined
      })
    })

const gatewayRekeys =
  (what: 'child' | 'ike'): Step =>
  async ({ lab }) => {
    await mustSwanctl(lab.gateway, '--rekey', `--${what}`, what === 'ike' ? 'lab' : 'office')
  }

/** Down and up again through the tunnel. */
const transfer =
  (bytes: number): Step =>
  async ({ lab, scenario }) => {
    const { virtual } = clientOf(scenario)
    const host = virtual.ipv4 || !virtual.ipv6 ? addresses.office.ipv4 : `[${addresses.office.ipv6}]`
    const down = await lab.probe.fetch(`http://${host}/?size=${bytes}`, 60_000)
    expect(down.bytes).toBe(bytes)
    const up = await lab.probe.post(`http://${host}/`, bytes, 60_000)
    expect(up.head).toBe(`received ${bytes}`)
  }

const stateReached = (running: Running, kind: string, times: number, timeoutMs: number): Promise<true> =>
  until(
    `the state ${kind}`,
    () => (running.session.states().filter((state) => state === kind).length >= times ? true : undefined),
    timeoutMs,
  )

/** For clients that come back by themselves. */
const reconnects = async (running: Running, trouble: () => Promise<void>): Promise<void> => {
  const before = running.session.states().filter((state) => state === 'connected').length
  await trouble()
  await stateReached(running, 'reconnecting', 1, 60_000)
  await stateReached(running, 'connected', before + 1, 60_000)
}

export const steps: Readonly<Record<StepName, Step>> = {
  'client-rekeys-child': rekeyed('child', 2, ({ session }) => session.rekey('child')),
  'client-rekeys-ike': rekeyed('ike', 2, ({ session }) => session.rekey('ike')),
  'gateway-rekeys-child': rekeyed('child', 3, gatewayRekeys('child')),
  'gateway-rekeys-ike': rekeyed('ike', 3, gatewayRekeys('ike')),
  'both-rekey-child': bothRekey('child'),
  'both-rekey-ike': bothRekey('ike'),
  'gateway-dies': async (running) => {
    await running.lab.gateway.kill()
    await stateReached(running, 'reconnecting', 1, 60_000)
    await running.lab.gateway.restart()
    await stateReached(running, 'connected', 2, 60_000)
  },
  'gateway-restarts': (running) => reconnects(running, () => running.lab.gateway.restart()),
  'gateway-closes': (running) =>
    reconnects(running, async () => {
      await mustSwanctl(running.lab.gateway, '--terminate', '--ike', 'lab', '--timeout', '5')
    }),
  transfer: transfer(1_000_000),
  'small-transfer': transfer(100_000),
  'rekeys-on-a-poor-path': async (running) => {
    await rekeying('child', 2, gatewayRekeys('child'))(running)
    await rekeying('ike', 1, gatewayRekeys('ike'))(running)
  },
}
