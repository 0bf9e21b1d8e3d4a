/** Addresses, routes, DNS and the TUN adapter of this machine, through the privileged helper. */
import { accessSync, constants } from 'node:fs'
import { VpnError } from '../../src-shared/errors.ts'
import type { Cancel, HostNetwork, HostTunnel, Log, TunnelConfiguration } from '../ports.ts'
import { deviceOf, tunnelOf } from './helper/step.ts'
import { startHelper, type HelperProcess } from './helper-process.ts'
import { HostError } from './host-error.ts'
import { watchSurroundings } from './linux/monitor.ts'
import { openHostTun } from './linux/tun.ts'

const requireTun = (): void => {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
  } catch (error) {
    throw new VpnError('no-tun', { reason: error instanceof Error ? error.message : String(error) }, error)
  }
}

export interface HostNetworkOptions {
  /** The built helper, dist/helper.js. */
  readonly helperPath: string
  readonly log: Log
}

/**
 * The helper starts with `prepare` or the first tunnel and ends with `close`. When this process dies, however it dies, the helper undoes
 * everything. `prepare` and `open` throw VpnError('no-tun' | 'no-privilege') and HostError.
 */
export const createHostNetwork = ({ helperPath, log }: HostNetworkOptions): HostNetwork => {
  const handlers = new Set<() => void>()
  let helper: HelperProcess | undefined
  let stopWatching: Cancel | undefined
  let openTunnels = 0

  /** A helper that died leaves its journals; the next one starts by undoing them. */
  const running = (): HelperProcess => {
    if (helper === undefined || helper.isGone()) helper = startHelper(helperPath, log)
    return helper
  }

  /** Local networks may be others now; then everyone who wants to know. */
  const changed = (): void => {
    if (openTunnels > 0 && helper !== undefined)
      helper.ask({ do: 'refresh' }).catch((error: unknown) =>
        log('warn', 'host', 'cannot fit the routes to the changed network', {
          reason: error instanceof Error ? error.message : String(error),
        }),
      )
    for (const handler of [...handlers]) handler()
  }

  const watchWhileNeeded = (): void => {
    const needed = openTunnels > 0 || handlers.size > 0
    if (needed) stopWatching ??= watchSurroundings(changed)
    else {
      stopWatching?.()
      stopWatching = undefined
    }
  }

  const endTunnel = (maker: HelperProcess, tunnel: number): Promise<unknown> => {
    openTunnels = Math.max(0, openTunnels - 1)
    watchWhileNeeded()
    // Answered once the abandoned journals are undone.
    return maker.isGone() ? running().ask({ do: 'refresh' }) : maker.ask({ do: 'close', tunnel })
  }

  const attach = async (maker: HelperProcess, tunnel: number): Promise<HostTunnel> => {
    let closing: Promise<unknown> | undefined
    openTunnels += 1
    watchWhileNeeded()
    try {
      const tun = openHostTun(deviceOf(tunnel), log)
      return {
        tun,
        async reconfigure(configuration) {
          await maker.ask({ do: 'reconfigure', tunnel, configuration })
        },
        async close() {
          // The device first: what still comes out of it has nowhere to go.
          tun.close()
          closing ??= endTunnel(maker, tunnel)
          await closing
        },
      }
    } catch (error) {
      await endTunnel(maker, tunnel)
      throw error
    }
  }

  return {
    async prepare() {
      requireTun()
      const maker = running()
      await maker.ready
      await maker.ask({ do: 'prepare' })
    },
    async open(configuration: TunnelConfiguration) {
      requireTun()
      const maker = running()
      const tunnel = await maker.ask({ do: 'open', configuration })
      if (tunnel === undefined) throw new HostError('helper', ['open'], null, 'no tunnel in the answer')
      return attach(maker, tunnel)
    },
    async restrict(restriction) {
      const maker = running()
      if (restriction === undefined) {
        await maker.ask({ do: 'release' })
        return
      }
      const { ways, adapters, known } = restriction
      await maker.ask({
        do: 'restrict',
        restriction: {
          ways: ways.map(({ ports, ...way }) => ({ ...way, ports: [...ports] })),
          tunnels: adapters.flatMap((name) => tunnelOf(name) ?? []),
          known: known.map(({ name, addresses }) => ({ name, addresses: [...addresses] })),
        },
      })
    },
    held: () => helper?.held(),
    onChange(handler) {
      handlers.add(handler)
      watchWhileNeeded()
      return () => {
        handlers.delete(handler)
        watchWhileNeeded()
      }
    },
    async close() {
      handlers.clear()
      openTunnels = 0
      watchWhileNeeded()
      const ending = helper
      helper = undefined
      await ending?.end()
    },
  }
}
