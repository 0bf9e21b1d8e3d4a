/**
 * The kill switch of this process: what its connections need, put together into the one restriction of the machine. While it is off
 * it costs nothing and nothing privileged is asked for.
 */
import type { ConnectionState } from '../../src-shared/connection-state.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { KillSwitchState } from '../../src-shared/status.ts'
import type { HostNetwork, KnownGateway, Log, Resolver, Restriction } from '../ports.ts'
import type { FirewallPolicy } from './firewall-policy.ts'
import { policyFor } from './firewall-policy.ts'

type Way = Restriction['ways'][number]

/** One connection's part in it. */
export interface KillSwitchMember {
  /** The helper is there: what an earlier run left is known from now on. */
  prepared(): void
  /** Before anything is sent to the gateway. Rejects with HostError or VpnError: then nothing may be sent. */
  reach(outside: { readonly gateway: string; readonly localPort: number }): Promise<void>
  /** The adapter is there. Rejects as `reach` does. */
  through(adapter: string | undefined): Promise<void>
  /** After each change; trouble is logged. */
  changed(state: ConnectionState): void
  /** The connection has ended, and is from now on what this state says. */
  leave(state: ConnectionState): Promise<void>
  status(): KillSwitchState
}

interface Member {
  state: ConnectionState
  way: Way | undefined
  adapter: string | undefined
}

/** In place of what was applied: a block of an earlier run, whose content nobody here knows. */
const leftByEarlierRun = 'left'

/** Gateways that are remembered with a block. */
const mostKnown = 16

/** RFC 7296 section 2.23, and the profile's own. */
const gatewayPorts = (port: number): readonly number[] => [...new Set([port, 500, 4500])]

/** A name that cannot be looked up in a block is not misspelt. */
const explained = (error: unknown): unknown =>
  error instanceof VpnError && error.code === 'gateway-not-found'
    ? new VpnError(error.code, { ...error.details, killSwitch: 'holding' }, error)
    : error

export class KillSwitch {
  readonly #host: Pick<HostNetwork, 'restrict' | 'held'>
  readonly #log: Log
  readonly #members = new Set<Member>()
  readonly #known = new Map<string, readonly string[]>()
  #wanted = false
  /** Released by the person, until the next connection. */
  #suspended = false
  #standing = false
  /** Left by a connection that failed, or by an earlier run: it stands although no connection needs it. */
  #held = false
  #applied: string | undefined
  #queue: Promise<void> = Promise.resolve()

  constructor(ports: { readonly hostNetwork: Pick<HostNetwork, 'restrict' | 'held'>; readonly log: Log }) {
    this.#host = ports.hostNetwork
    this.#log = ports.log
  }

  /** Off releases at once. Rejects with HostError or VpnError. */
  async set(on: boolean): Promise<void> {
    if (!on && this.#wanted) this.#forgetBlock()
    this.#wanted = on
    await this.#apply()
  }

  /** Lets out what is held, until the next connection; also what another run left. Rejects with HostError or VpnError. */
  async release(): Promise<void> {
    this.#suspended = true
    this.#forgetBlock()
    await this.#enqueue(async () => {
      await this.#host.restrict(undefined)
      this.#applied = undefined
    })
  }

  /**
   * Names as this resolver finds them; while a block stands, those of gateways as they were found before it, because a question
   * could not leave.
   */
  resolver(resolver: Resolver): Resolver {
    return {
      resolve: async (host, signal) => {
        const known = this.#standing ? this.#known.get(host) : undefined
        if (known !== undefined)
          return known.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
        const found = await resolver.resolve(host, signal).catch((error: unknown) => {
          throw this.#standing ? explained(error) : error
        })
        this.#known.set(
          host,
          found.map(({ address }) => address),
        )
        return found
      },
    }
  }

  /** `port`: the gateway's, as the profile has it. */
  join(port: number): KillSwitchMember {
    const member: Member = { state: { kind: 'disconnected' }, way: undefined, adapter: undefined }
    this.#members.add(member)
    this.#suspended = false
    const policy = (): FirewallPolicy => this.#policyOf(member)
    return {
      prepared: () => this.#takeOver(),
      reach: async ({ gateway, localPort }) => {
        member.way = { gateway, localPort, ports: gatewayPorts(port) }
        await this.#apply()
      },
      through: async (adapter) => {
        member.adapter = adapter
        await this.#apply()
      },
      changed: (state) => {
        const before = policy()
        member.state = state
        if (policy() !== before) this.#applyInBackground()
      },
      leave: async (state) => {
        member.state = state
        this.#members.delete(member)
        const after = policy()
        this.#held = after === 'open' ? this.#held && this.#members.size > 0 : this.#standing
        await this.#apply()
      },
      status: () => {
        if (!this.#standing) return 'off'
        return member.state.kind === 'connected' ? 'armed' : 'holding'
      },
    }
  }

  /** What an earlier run left is ours to keep, and to open once a connection has ended as it should. */
  #takeOver(): void {
    const known = this.#applied === undefined && !this.#suspended ? this.#host.held() : undefined
    if (known === undefined) return
    this.#applied = leftByEarlierRun
    this.#standing = true
    this.#held = true
    for (const { name, addresses } of known) if (!this.#known.has(name)) this.#known.set(name, addresses)
    this.#log('info', 'kill-switch', 'an earlier run left everything blocked; that stays until connected')
  }

  #forgetBlock(): void {
    this.#standing = false
    this.#held = false
  }

  #policyOf(member: Member): FirewallPolicy {
    const on = (this.#wanted && !this.#suspended) || this.#standing
    return policyFor(member.state, { on, standing: this.#standing, wayKnown: member.way !== undefined })
  }

  /** Undefined: no connection wants anything, and nothing is held. */
  #restriction(): Restriction | undefined {
    const wishes = [...this.#members].map((member) => ({ member, policy: this.#policyOf(member) }))
    const restricting = wishes.filter(({ policy }) => policy !== 'open')
    if (restricting.length === 0 && !this.#held) return undefined
    const reaching = restricting.filter(({ policy }) => policy !== 'blocked')
    const inside = restricting.filter(({ policy }) => policy === 'tunnel')
    return {
      ways: reaching.flatMap(({ member }) => member.way ?? []),
      adapters: inside.flatMap(({ member }) => member.adapter ?? []),
      known: this.#knownGateways(),
    }
  }

  #knownGateways(): readonly KnownGateway[] {
    return [...this.#known].slice(-mostKnown).map(([name, addresses]) => ({ name, addresses }))
  }

  /** One change after the other; each as things are when its turn comes. */
  #apply(): Promise<void> {
    if (!this.#wanted && !this.#standing && this.#applied === undefined) return Promise.resolve()
    return this.#enqueue(async () => {
      const restriction = this.#restriction()
      const text = restriction === undefined ? undefined : JSON.stringify(restriction)
      if (text === this.#applied) return
      await this.#host.restrict(restriction)
      this.#applied = text
      this.#standing = restriction !== undefined
    })
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(task)
    this.#queue = done.catch(() => undefined)
    return done
  }

  #applyInBackground(): void {
    this.#apply().catch((error: unknown) => {
      this.#log('error', 'kill-switch', 'the firewall could not follow the connection', {
        reason: error instanceof Error ? error.message : String(error),
      })
    })
  }
}
