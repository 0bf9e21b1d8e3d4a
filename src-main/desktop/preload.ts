/** Gives the page `window.culvert`, the Bridge, and nothing else. Runs sandboxed, in a world that the page cannot reach. */
import { contextBridge, ipcRenderer } from 'electron'
import type { Bridge, Commands, Slices } from '../../src-shared/contract.ts'
import type { Failure } from '../../src-shared/errors.ts'
import type { Result } from '../../src-shared/result.ts'
import { channels } from './channels.ts'

/** What the main process answers; it is trusted to keep to the contract, as it is the one that checks. */
interface AskMain {
  <Name extends keyof Commands>(
    channel: typeof channels.call,
    name: Name,
    argument: Commands[Name]['arguments'],
  ): Promise<Result<Commands[Name]['result'], Failure>>
  <Name extends keyof Slices>(channel: typeof channels.snapshot, name: Name): Promise<Slices[Name]>
  (channel: typeof channels.listen | typeof channels.unlisten, name: keyof Slices): Promise<undefined>
}
const askMain: AskMain = ipcRenderer.invoke.bind(ipcRenderer)

const listeners = new Map<keyof Slices, Set<(value: never) => void>>()

ipcRenderer.on(channels.slice, (_event, name: keyof Slices, value: unknown) => {
  // The slice's own type was known where its listener was taken in.
  for (const listener of listeners.get(name) ?? []) Reflect.apply(listener, undefined, [value])
})

const bridge: Bridge = {
  call: (name, argument) => askMain(channels.call, name, argument),
  snapshot: (name) => askMain(channels.snapshot, name),
  subscribe(name, listener) {
    const known = listeners.get(name) ?? new Set()
    listeners.set(name, known)
    if (known.size === 0) void askMain(channels.listen, name)
    known.add(listener)
    return () => {
      if (known.delete(listener) && known.size === 0) void askMain(channels.unlisten, name)
    }
  },
  close() {
    for (const [name, known] of listeners) {
      known.clear()
      void askMain(channels.unlisten, name)
    }
  },
}

contextBridge.exposeInMainWorld('culvert', bridge)
