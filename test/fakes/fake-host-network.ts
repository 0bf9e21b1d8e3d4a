/** The machine's network in memory: adapters that are fakes, and a record of every step, `prepare`, `open`, `reconfigure`, `close`. */
import type { HostNetwork, KnownGateway, Restriction, TunnelConfiguration } from '../../src-main/ports.ts'
import type { FakeTun } from './fake-tun.ts'
import { createFakeTun } from './fake-tun.ts'

export type HostStep = 'prepare' | 'open' | 'reconfigure' | 'close' | 'restrict'

export interface FakeHostNetwork extends HostNetwork {
  readonly steps: HostStep[]
  /** What each step is to throw; the step counts as done nevertheless. */
  readonly trouble: Map<HostStep, Error>
  /** Holds a step back until `release`. */
  hold(step: HostStep): void
  release(step: HostStep): void
  /** Of the tunnel that is open; undefined when none is. */
  readonly configuration: TunnelConfiguration | undefined
  readonly tun: FakeTun | undefined
  /** What may leave; undefined: everything. */
  readonly restriction: Restriction | undefined
  /** What an earlier run is said to have left. */
  left: readonly KnownGateway[] | undefined
  /** As if the machine's network changed. */
  change(): void
  /** How many listen to changes. */
  readonly listeners: number
}

export function createFakeHostNetwork(): FakeHostNetwork {
  const handlers = new Set<() => void>()
  const held = new Map<HostStep, { readonly promise: Promise<void>; readonly resolve: () => void }>()
  const trouble = new Map<HostStep, Error>()
  const steps: HostStep[] = []
  let configuration: TunnelConfiguration | undefined
  let tun: FakeTun | undefined
  let restriction: Restriction | undefined
  let left: readonly KnownGateway[] | undefined
  let number = 0

  const take = async (step: HostStep): Promise<void> => {
    steps.push(step)
    await held.get(step)?.promise
    const error = trouble.get(step)
    if (error !== undefined) throw error
  }

  return {
    steps,
    trouble,
    hold(step) {
      let resolve: () => void = () => undefined
      const promise = new Promise<void>((done) => (resolve = done))
      held.set(step, { promise, resolve })
    },
    release(step) {
      held.get(step)?.resolve()
      held.delete(step)
    },
    get configuration() {
      return configuration
    },
    get tun() {
      return tun
    },
    change: () => handlers.forEach((handler) => handler()),
    get listeners() {
      return handlers.size
    },
    get restriction() {
      return restriction
    },
    get left() {
      return left
    },
    set left(known) {
      left = known
    },
    prepare: () => take('prepare'),
    async restrict(wanted) {
      await take('restrict')
      restriction = wanted
    },
    held: () => left,
    async open(wanted) {
      await take('open')
      if (configuration !== undefined) throw new Error('the fake machine has one tunnel at a time')
      configuration = wanted
      tun = createFakeTun(`fake${number++}`)
      const own = tun
      return {
        tun: own,
        async reconfigure(next) {
          await take('reconfigure')
          if (tun !== own) throw new Error('reconfigured after it was closed')
          configuration = next
        },
        async close() {
          own.close()
          if (tun === own) {
            tun = undefined
            configuration = undefined
          }
          await take('close')
        },
      }
    },
    onChange(handler) {
      handlers.add(handler)
      return () => void handlers.delete(handler)
    },
    close: () => Promise.resolve(),
  }
}
