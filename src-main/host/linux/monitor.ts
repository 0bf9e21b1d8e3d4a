/** Tells when the networks around this machine change, and not when tunnels come and go. */
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { interfaceIndex, watchNetwork, type NetworkChange } from 'tun-tap'
import type { Cancel } from '../../ports.ts'
import { MOST_TUNNELS, TABLE_BASE } from '../helper/step.ts'

/** The kernel's table of its own addresses: it follows the addresses, which are told by themselves. */
const TABLE_LOCAL = 255
/** One change of the network is many messages. */
const SETTLE_MS = 150

const isTunnel = (name: string): boolean => /^culvert\d+$/.test(name)
const isOurTable = (table: number): boolean => table >= TABLE_BASE && table < TABLE_BASE + MOST_TUNNELS

const tunnelIndexes = (): Set<number> => {
  const names = readFileSync('/proc/self/net/dev', 'utf8')
    .split('\n')
    .map((line) => line.split(':')[0]?.trim() ?? '')
  return new Set(
    names
      .filter(isTunnel)
      .map(interfaceIndex)
      .filter((index) => index !== undefined),
  )
}

/** All addresses of links that are up, tunnels left out: what must differ for a change to be one. */
const addressesNow = (): string =>
  Object.entries(networkInterfaces())
    .filter(([name]) => !isTunnel(name))
    .flatMap(([name, entries]) => (entries ?? []).map(({ address }) => `${name} ${address}`))
    .sort()
    .join('\n')

/**
 * `route`: a route outside the tunnels changed. `look`: addresses may have changed (a renewed lease is told like a new
 * one). Undefined: our own doing.
 */
export const meaningOf = (change: NetworkChange, tunnels: Set<number>): 'route' | 'look' | undefined => {
  switch (change.kind) {
    case 'overrun':
      return 'route'
    case 'link':
      if (isTunnel(change.name)) tunnels.add(change.interfaceIndex)
      return tunnels.has(change.interfaceIndex) ? undefined : 'look'
    case 'address':
      return tunnels.has(change.interfaceIndex) ? undefined : 'look'
    case 'route': {
      const ours = change.interfaceIndex !== undefined && tunnels.has(change.interfaceIndex)
      return ours || change.table === TABLE_LOCAL || isOurTable(change.table) ? undefined : 'route'
    }
  }
}

/** Calls the handler once for each change, after it has settled. */
export const watchSurroundings = (handler: () => void): Cancel => {
  const tunnels = tunnelIndexes()
  let addresses = addressesNow()
  let routesChanged = false
  let timer: NodeJS.Timeout | undefined

  const settle = (): void => {
    timer = undefined
    const now = addressesNow()
    if (!routesChanged && now === addresses) return
    routesChanged = false
    addresses = now
    handler()
  }

  const watch = watchNetwork((change) => {
    const meaning = meaningOf(change, tunnels)
    if (meaning === undefined) return
    routesChanged ||= meaning === 'route'
    timer ??= setTimeout(settle, SETTLE_MS)
  })
  return () => {
    clearTimeout(timer)
    watch.close()
  }
}
