/**
 * The gateway's door: what becomes of first requests. A stranger costs an answer or a counter; only one who may begin gets
 * memory, in bounded number (RFC 7296 sections 2.4 and 2.6).
 */
import type { IkeSpi } from '../../src-shared/brands.ts'
import { millis } from '../../src-shared/brands.ts'
import type { IkeHeader } from '../ike/header.ts'
import { createCookies } from '../ike/v2/cookies.ts'
import { Exchange } from '../ike/v2/code-points.ts'
import { judgeIkeSaInit, wrongVersionAnswer } from '../ike/v2/exchanges/init-responder.ts'
import type { InitAgreement } from '../ike/v2/exchanges/init-responder.ts'
import type { ExchangePorts } from '../ike/v2/initiator.ts'
import type { ResponderConfiguration } from '../ike/v2/responder.ts'
import type { DataPlane } from '../ipsec/data-plane.ts'
import type { Arrival, GatewayClient } from './client.ts'
import { localPath } from './client.ts'
import type { Member } from './member.ts'

export interface DoorLimits {
  /** Clients that are in or half-open. */
  readonly clients: number
  readonly halfOpen: number
  readonly halfOpenPerAddress: number
}

export interface DoorOwner {
  readonly ports: ExchangePorts
  readonly plane: DataPlane
  readonly configuration: ResponderConfiguration
  readonly cookies: 'auto' | 'always'
  readonly limits: DoorLimits
  /** All clients, the half-open ones too. */
  readonly clientCount: () => number
  /** Makes a client of an agreed first request; undefined when it comes to nothing. */
  readonly admit: (agreement: InitAgreement, arrival: Arrival) => GatewayClient | undefined
  readonly onDrop: (reason: string) => void
}

/** A quarter of the half-open places taken: strangers have to show a cookie. */
const cookieShare = 4
/** Unauthenticated answers about versions a second: courtesy, not worth a flood. */
const mostCourtesiesPerSecond = 10

export interface Door {
  /** A message that belongs to no session. */
  receive(header: IkeHeader, message: Uint8Array, arrival: Arrival): void
  /** The client is in, or gone: its place is free. */
  leave(client: Member): void
  readonly halfOpen: number
}

export function createDoor(owner: DoorOwner): Door {
  const { ports, plane, configuration, limits, onDrop } = owner
  const cookies = createCookies(ports)
  const waiting = new Map<string, GatewayClient>()
  const perAddress = new Map<string, number>()
  const keys = new Map<Member, { readonly key: string; readonly address: string }>()
  let courtesies = { second: 0, count: 0 }

  const mayBeCourteous = (): boolean => {
    const second = Math.floor(ports.clock.monotonic() / 1000)
    if (courtesies.second !== second) courtesies = { second, count: 0 }
    courtesies.count += 1
    return courtesies.count <= mostCourtesiesPerSecond
  }

  const answer = ({ socket, from }: Arrival, message: Uint8Array): void => {
    plane.sendIke(socket, from, message)
  }

  const receive = (header: IkeHeader, message: Uint8Array, arrival: Arrival): void => {
    if (header.majorVersion > 2) {
      onDrop('wrong-major-version')
      if (!header.response && mayBeCourteous()) answer(arrival, wrongVersionAnswer(header))
      return
    }
    if (header.exchange !== Exchange.IKE_SA_INIT || header.response || header.responderSpi !== 0n)
      return onDrop('unknown-ike-spi')
    const { address } = arrival.from
    const key = placeOf(header.initiatorSpi, arrival)
    // RFC 7296 section 2.1: the same request again gets the same answer.
    const known = waiting.get(key)
    if (known !== undefined) return known.receiveRepeated(message)
    if (owner.clientCount() >= limits.clients + limits.halfOpen || waiting.size >= limits.halfOpen)
      return onDrop('too-many-half-open')
    if ((perAddress.get(address) ?? 0) >= limits.halfOpenPerAddress) return onDrop('too-many-from-address')
    const cookieDemanded = owner.cookies === 'always' || waiting.size >= limits.halfOpen / cookieShare
    const judged = judgeIkeSaInit(configuration, localPath(arrival), message, { cookies, cookieDemanded })
    switch (judged.kind) {
      case 'dropped':
        return onDrop(judged.reason)
      case 'refused':
        onDrop(judged.reason)
        return answer(arrival, judged.answer)
      case 'agreed': {
        const client = owner.admit(judged.agreement, arrival)
        if (client === undefined) return
        waiting.set(key, client)
        keys.set(client, { key, address })
        perAddress.set(address, (perAddress.get(address) ?? 0) + 1)
        return
      }
    }
  }

  return {
    receive,
    leave(client) {
      const place = keys.get(client)
      if (place === undefined) return
      keys.delete(client)
      waiting.delete(place.key)
      const left = (perAddress.get(place.address) ?? 1) - 1
      if (left > 0) perAddress.set(place.address, left)
      else perAddress.delete(place.address)
    },
    get halfOpen() {
      return waiting.size
    },
  }
}

const placeOf = (spi: IkeSpi, { from }: Arrival): string => `${spi} ${from.address} ${from.port}`

/** How long a place at the door is held: until something authentic comes, and until the client is in. */
export const doorPatience = {
  silent: millis(30_000),
  talking: millis(120_000),
  refused: millis(5_000),
} as const
