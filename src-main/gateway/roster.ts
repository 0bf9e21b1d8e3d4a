/** The gateway's clients: who is here, under which address, for how long, and how they leave. */
import type { Millis } from '../../src-shared/brands.ts'
import type { AssignedConfiguration } from '../ike/child-sa.ts'
import type { DataPlane } from '../ipsec/data-plane.ts'
import type { Cancel, Clock } from '../ports.ts'
import type { AddressBook, AddressWishes } from './address-book.ts'
import type { ClientStatus, GatewayEvent, LeaveCause } from './gateway-event.ts'
import type { Member } from './member.ts'

export interface RosterParts {
  readonly clock: Clock
  readonly plane: DataPlane
  readonly addresses: AddressBook
  readonly onEvent: (event: GatewayEvent) => void
  /** The client is gone, in whatever way. */
  readonly onForgotten: (member: Member) => void
}

export class Roster {
  readonly #parts: RosterParts
  readonly #members = new Set<Member>()
  readonly #holders = new Map<Member, string>()
  readonly #timers = new Map<Member, Cancel>()
  #lastId = 0

  constructor(parts: RosterParts) {
    this.#parts = parts
  }

  /** A number that no other client of this run has. */
  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  get size(): number {
    return this.#members.size
  }

  get all(): readonly Member[] {
    return [...this.#members]
  }

  has(member: Member): boolean {
    return this.#members.has(member)
  }

  add(member: Member): void {
    this.#members.add(member)
  }

  statuses(): readonly ClientStatus[] {
    const { sas } = this.#parts.plane.statistics()
    return this.all.flatMap((member) => member.status(sas) ?? [])
  }

  /** An address, kept until the client is gone. Undefined when none of a wished family is left. */
  assign(member: Member, holder: string, wishes: AddressWishes): AssignedConfiguration | undefined {
    const assigned = this.#parts.addresses.assign(holder, wishes)
    if (assigned !== undefined) this.#holders.set(member, holder)
    return assigned
  }

  /** Does this after the delay, instead of what was to be done before; forgotten when the client goes. */
  within(member: Member, delay: Millis, task: () => void): void {
    this.stopTimer(member)
    this.#timers.set(member, this.#parts.clock.after(delay, task))
  }

  stopTimer(member: Member): void {
    this.#timers.get(member)?.()
    this.#timers.delete(member)
  }

  /** It is in: with the traffic that it came for, or without it for this reason. */
  announce(member: Member, trouble?: string): void {
    const status = member.status(this.#parts.plane.statistics().sas)
    if (trouble === undefined && status !== undefined)
      this.#parts.onEvent({ kind: 'client-up', client: status })
    else
      this.#parts.onEvent({
        kind: 'client-without-traffic',
        client: member.summary(),
        reason: trouble ?? 'none',
      })
  }

  /** RFC 7296 section 2.4, RFC 2407 section 4.6.3.3: the client knows of no other session of its own. */
  replaceOlder(member: Member): void {
    const { who } = member
    for (const other of this.all) {
      if (other === member || !other.isIn) continue
      if (other.who?.name === who?.name && other.who?.method === who?.method) this.gone(other, 'replaced')
    }
  }

  // -------------------------------------------------------------- endings

  /** The session has ended by the client's doing, silence or return. */
  gone(member: Member, cause: LeaveCause): void {
    if (!this.#members.has(member)) return
    const event = this.#leaving(member, cause)
    this.forget(member)
    this.#parts.onEvent(event)
  }

  /** The client is told to go. */
  async dismiss(member: Member, cause: LeaveCause): Promise<void> {
    if (!this.#members.has(member)) return
    if (!member.isIn) {
      this.forget(member)
      return
    }
    const event = this.#leaving(member, cause)
    this.stopTimer(member)
    await member.close()
    this.forget(member)
    this.#parts.onEvent(event)
  }

  forget(member: Member): void {
    if (!this.#members.delete(member)) return
    this.stopTimer(member)
    this.#parts.onForgotten(member)
    member.abandon()
    const holder = this.#holders.get(member)
    this.#holders.delete(member)
    if (holder !== undefined) this.#parts.addresses.release(holder)
  }

  #leaving(member: Member, cause: LeaveCause): GatewayEvent {
    const ageMs = this.#parts.clock.monotonic() - member.createdAt
    return { kind: 'client-down', client: member.summary(), cause, ageMs }
  }
}
