/** The machine's side of a connection: the adapter and what is configured around it, made once, fitted to each session. */
import type { Profile } from '../../src-shared/profile.ts'
import type { DataPlane } from '../ipsec/data-plane.ts'
import type { HostNetwork, HostTunnel, TunnelConfiguration } from '../ports.ts'
import { tunnelConfiguration } from './configuration.ts'
import type { Tunnel } from './tunnel.ts'

export class Adapter {
  readonly #hostNetwork: HostNetwork
  readonly #plane: DataPlane
  readonly #profile: Profile
  #host: HostTunnel | undefined
  #configuration: TunnelConfiguration | undefined

  constructor(hostNetwork: HostNetwork, plane: DataPlane, profile: Profile) {
    this.#hostNetwork = hostNetwork
    this.#plane = plane
    this.#profile = profile
  }

  get isUp(): boolean {
    return this.#host !== undefined
  }

  get name(): string | undefined {
    return this.#host?.tun.name
  }

  get mtu(): number | undefined {
    return this.#configuration?.mtu
  }

  /** Makes the machine match the session: addresses, routes, DNS. What stays the same is not touched. Throws HostError. */
  async fit(tunnel: Tunnel): Promise<void> {
    const { established, site } = tunnel
    if (established === undefined) throw new Error('a tunnel that is not established')
    const configuration = tunnelConfiguration(
      this.#profile,
      established.child,
      established.assigned,
      { gateway: site.gateway.address, localPort: site.socket.localPort },
      this.#plane.innerMtu(tunnel.path, established.child.suite),
    )
    if (this.#host !== undefined) return this.#reconfigure(this.#host, configuration)
    this.#host = await this.#hostNetwork.open(configuration)
    this.#configuration = configuration
    this.#plane.useTun(this.#host.tun)
  }

  /** While the old session's routes stand, another gateway address or port of ours would lead into the dead tunnel. */
  async keepOutside(outside: { readonly gateway: string; readonly localPort: number }): Promise<void> {
    const configuration = this.#configuration
    if (this.#host === undefined || configuration === undefined) return
    const { gateway, localPort } = configuration.outside ?? {}
    if (gateway === outside.gateway && localPort === outside.localPort) return
    await this.#reconfigure(this.#host, { ...configuration, outside })
  }

  /** Puts everything back. Throws HostError when it cannot. */
  async close(): Promise<void> {
    const host = this.#host
    this.#host = undefined
    this.#configuration = undefined
    this.#plane.useTun(undefined)
    await host?.close()
  }

  async #reconfigure(host: HostTunnel, configuration: TunnelConfiguration): Promise<void> {
    await host.reconfigure(configuration)
    this.#configuration = configuration
  }
}
