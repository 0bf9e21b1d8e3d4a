/** Finds the way to the gateway: its addresses, one after the other, and the socket and address of ours that lead there. */
import { millis } from '../../src-shared/brands.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { DataPlane } from '../ipsec/data-plane.ts'
import type { Clock, Datagrams, DatagramSocket, Endpoint, Resolver, Signal } from '../ports.ts'
import type { TunnelSite } from './tunnel.ts'
import { eitherSignal, pause } from './wait.ts'

export interface DialerParts {
  readonly ports: { readonly clock: Clock; readonly datagrams: Datagrams; readonly resolver: Resolver }
  readonly profile: Profile
  readonly plane: DataPlane
  /** Makes sure that datagrams from this port to this gateway do not go into the tunnel that stands. */
  readonly keepOutside: (outside: { readonly gateway: string; readonly localPort: number }) => Promise<void>
}

type Address = Awaited<ReturnType<Resolver['resolve']>>[number]

/** While our tunnel's routes and DNS are in place but carry nothing, a resolver may wait long for nothing. */
const resolveInsideMs = millis(5_000)

const isOutOfReach = (error: unknown): boolean =>
  error instanceof VpnError && error.code === 'gateway-unreachable'

export class Dialer {
  readonly #parts: DialerParts
  readonly #sockets = new Map<4 | 6, DatagramSocket>()
  /** The addresses of the last success, the one that answered first. */
  #known: readonly Address[] = []

  constructor(parts: DialerParts) {
    this.#parts = parts
  }

  /**
   * Tries the gateway's addresses until one answers. `insideTunnel`: our own routes and DNS servers are in place, so that what
   * was known before comes first. Rejects with VpnError 'gateway-not-found', 'gateway-unreachable', or what `tryAt` says.
   */
  async dial<Reached>(
    insideTunnel: boolean,
    signal: AbortSignal,
    tryAt: (site: TunnelSite) => Promise<Reached>,
  ): Promise<Reached> {
    const known = insideTunnel ? this.#known : []
    if (known.length === 0) return this.#tryAll(await this.#resolve(signal), signal, tryAt)
    try {
      return await this.#tryAll(known, signal, tryAt)
    } catch (error) {
      if (!isOutOfReach(error) || signal.aborted) throw error
      const others = await this.#resolveInside(signal)
      const fresh = others.filter(({ address }) => !known.some((one) => one.address === address))
      if (fresh.length === 0) throw error
      return this.#tryAll(fresh, signal, tryAt)
    }
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
  }

  #resolve(signal: Signal): Promise<readonly Address[]> {
    return this.#parts.ports.resolver.resolve(this.#parts.profile.gateway.address, signal)
  }

  /** What the resolver says in good time; nothing when it does not. */
  async #resolveInside(signal: AbortSignal): Promise<readonly Address[]> {
    const over = new AbortController()
    const either = eitherSignal(over.signal, signal)
    const late = pause(this.#parts.ports.clock, resolveInsideMs, [either]).then(() => over.abort())
    try {
      return await this.#resolve(either)
    } catch (error) {
      if (signal.aborted || !(error instanceof VpnError)) throw error
      return []
    } finally {
      over.abort()
      await late
    }
  }

  async #tryAll<Reached>(
    addresses: readonly Address[],
    signal: Signal,
    tryAt: (site: TunnelSite) => Promise<Reached>,
  ): Promise<Reached> {
    const { profile } = this.#parts
    let trouble: unknown = new VpnError('gateway-not-found', { host: profile.gateway.address })
    for (const one of addresses) {
      if (signal.aborted) throw new VpnError('cancelled')
      try {
        const reached = await tryAt(await this.#siteAt(one))
        this.#known = [one, ...addresses.filter((other) => other !== one)]
        return reached
      } catch (error) {
        if (!isOutOfReach(error)) throw error
        trouble = error
      }
    }
    throw trouble
  }

  async #siteAt({ address, family }: Address): Promise<TunnelSite> {
    const { plane, profile } = this.#parts
    const socket = this.#socket(family)
    await this.#parts.keepOutside({ gateway: address, localPort: socket.localPort })
    const gateway: Endpoint = { address, port: profile.gateway.port }
    const localAddress = socket.localAddressTowards(gateway)
    if (localAddress === undefined)
      throw new VpnError('gateway-unreachable', {
        gateway: profile.gateway.address,
        address,
        reason: 'no route',
      })
    return { plane, socket, gateway, localAddress }
  }

  #socket(family: 4 | 6): DatagramSocket {
    const known = this.#sockets.get(family)
    if (known !== undefined) return known
    const socket = this.#parts.ports.datagrams.open(family, 0)
    this.#sockets.set(family, socket)
    this.#parts.plane.listen(socket, 'by-peer-port')
    return socket
  }
}
