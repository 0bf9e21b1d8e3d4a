/** The one way out of the window: the preload's bridge, or in a plain browser a fake one with `?fake=<scenario>`. */
import type { Bridge } from '../src-shared/contract.ts'

let current: Bridge | undefined

export const setBridge = (bridge: Bridge): void => {
  current = bridge
}

/** The bridge; opened once by main.ts before anything is drawn. */
export function getBridge(): Bridge {
  if (current === undefined) throw new Error('The bridge is used before it is open')
  return current
}

/** Why the bridge broke; Electron puts its own words before what the main process said. */
export const bridgeProblem = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(
    /^Error invoking remote method '[^']*': (?:\w*Error: )?/,
    '',
  )

/** Gives undefined where nothing is behind this window. */
export async function openBridge(): Promise<Bridge | undefined> {
  let bridge = window.culvert
  if (__FAKE__ && bridge === undefined) {
    const { fakeBridge } = await import('./fake/fake-bridge.ts')
    bridge = fakeBridge(new URLSearchParams(window.location.search).get('fake') ?? 'connected')
  }
  if (bridge !== undefined) setBridge(bridge)
  return bridge
}
