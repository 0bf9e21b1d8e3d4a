import { createPinia, setActivePinia } from 'pinia'
import { setBridge } from '../../src-renderer/bridge.ts'
import type { Bridge, Commands, Slices } from '../../src-shared/contract.ts'
import { ok } from '../../src-shared/result.ts'
import { ordinary } from '../../src-renderer/fake/scenarios.ts'

/** A bridge whose slices the test changes and whose calls it reads. */
export function testBridge(given: Partial<Slices> = {}) {
  const slices: Slices = { ...ordinary(), ...given }
  const heard: { readonly name: string; readonly tell: (value: never) => void }[] = []
  const calls: { readonly name: keyof Commands; readonly argument: unknown }[] = []
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const bridge = {
    call: (name: keyof Commands, argument: unknown) => {
      calls.push({ name, argument })
      return Promise.resolve(ok(undefined))
    },
    snapshot: async (name: keyof Slices) => {
      await released
      return slices[name]
    },
    subscribe: (name: keyof Slices, tell: (value: never) => void) => {
      heard.push({ name, tell })
      return () => undefined
    },
    close: () => undefined,
  } as unknown as Bridge
  setActivePinia(createPinia())
  setBridge(bridge)
  return {
    calls,
    /** Lets the snapshots arrive. */
    async answer() {
      release()
      await Promise.resolve()
      await new Promise((resolve) => setTimeout(resolve, 0))
    },
    push<Name extends keyof Slices>(name: Name, value: Slices[Name]) {
      for (const one of heard) if (one.name === name) one.tell(value as never)
    },
    listeners: (name: keyof Slices) => heard.filter((one) => one.name === name).length,
  }
}
