/**
 * Where clients of version 1 come in: what becomes of their first messages, and which client a message is for. A stranger costs
 * one place of a bounded number, and an answer no longer than the question; who has not answered with our cookie makes room for
 * those who come later, so that forged addresses keep nobody out for long.
 */
import type { IkeSpi, Millis } from '../../../src-shared/brands.ts'
import { millis } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import type { IkeHeader } from '../../ike/header.ts'
import { Exchange } from '../../ike/v1/code-points.ts'
import type { ExchangePorts } from '../../ike/v1/configuration.ts'
import type { Entered } from '../../ike/v1/entrance.ts'
import type { ClosedCause } from '../../ike/v1/link.ts'
import { wipeKeys } from '../../ike/v1/keys.ts'
import { freshCookie } from '../../ike/v1/peer.ts'
import type { ResponderConfiguration } from '../../ike/v1/responder.ts'
import type { DataPlane } from '../../ipsec/data-plane.ts'
import type { Cancel } from '../../ports.ts'
import type { Arrival } from '../client.ts'
import { doorPatience } from '../door.ts'
import type { GatewayEvent, LeaveCause } from '../gateway-event.ts'
import type { GatewayProfile } from '../gateway-profile.ts'
import type { Roster } from '../roster.ts'
import type { GatewayCredentials } from '../settings.ts'
import { ClientV1, whoEntered } from './client.ts'
import type { ClientV1Owner } from './client.ts'
import { Place } from './place.ts'
import { createPlaces } from './places.ts'
import type { Places } from './places.ts'
import { responderV1, splitInclude } from './settings.ts'

export interface ReceptionParts {
  readonly ports: ExchangePorts
  readonly plane: DataPlane
  readonly roster: Roster
  readonly profile: GatewayProfile
  readonly credentials: GatewayCredentials
  readonly onEvent: (event: GatewayEvent) => void
  readonly onDrop: (reason: string) => void
}

const leaveCauses: Readonly<Record<ClosedCause, LeaveCause>> = {
  'gateway-closed': 'deleted',
  'gateway-silent': 'silent',
  expired: 'lifetime',
}

/** First messages longer than this are no client's. */
const LONGEST_FIRST = 8192

export class Reception {
  readonly #parts: ReceptionParts
  readonly #configuration: ResponderConfiguration
  readonly #places: Places
  readonly #owner: ClientV1Owner
  readonly #patience = new Map<Place, Cancel>()
  /** By the cookie of ours, which tells our ISAKMP SAs apart. */
  readonly #byCookie = new Map<IkeSpi, { readonly client: ClientV1; readonly initiatorSpi: IkeSpi }>()
  readonly #announced = new WeakSet<ClientV1>()

  /** Throws VpnError 'profile-invalid'. */
  constructor(parts: ReceptionParts) {
    const { ports, plane, roster, profile, onDrop } = parts
    this.#parts = parts
    this.#configuration = responderV1(profile, parts.credentials, ports.crypto)
    this.#places = createPlaces(profile.limits, onDrop)
    const subnets = splitInclude(profile)
    this.#owner = {
      ports,
      plane,
      configuration: this.#configuration,
      times: { liveness: millis(profile.livenessSeconds * 1000) },
      replayWindow: profile.replayWindow,
      assign: (client, wishes) => {
        const { who, endpoint } = client
        const holder = `${who.method} ${who.name} ${endpoint.address}:${endpoint.port}`
        const assigned = roster.assign(client, holder, wishes)
        return assigned === undefined ? undefined : { ...assigned, subnets, banner: profile.ikev1.banner }
      },
      onInitialContact: (client) => roster.replaceOlder(client),
      onChild: (client, trouble) => this.#announce(client, trouble),
      onClosed: (client, cause) => roster.gone(client, leaveCauses[cause]),
      onDrop,
    }
  }

  /** Any message of version 1. */
  receive(header: IkeHeader, message: Uint8Array, arrival: Arrival): void {
    const { roster, onDrop } = this.#parts
    if (header.responderSpi === 0n) {
      this.#knock(header, message, arrival)
      return
    }
    const known = this.#byCookie.get(header.responderSpi)
    const place = this.#places.byCookie(header.responderSpi)
    if (known !== undefined && roster.has(known.client)) known.client.receive(message, arrival)
    else if (place?.spis.initiatorSpi === header.initiatorSpi) place.receive(message, arrival)
    else onDrop('unknown-ike-spi')
  }

  get halfOpen(): number {
    return this.#places.size
  }

  /** Nobody comes in any more. */
  close(): void {
    for (const place of this.#places.all()) this.#leave(place)
  }

  // -------------------------------------------------------------- at the door

  #knock(header: IkeHeader, message: Uint8Array, arrival: Arrival): void {
    const { ports, plane, roster, profile, onDrop } = this.#parts
    if (header.exchange !== Exchange.MAIN && header.exchange !== Exchange.AGGRESSIVE)
      return onDrop('unknown-ike-spi')
    const known = this.#places.byFirst(header.initiatorSpi, arrival.from)
    // RFC 2408 section 3.1: the same question again gets the same answer.
    if (known !== undefined) return known.receive(message, arrival)
    if (message.length > LONGEST_FIRST) return onDrop('too-long')
    const { limits } = profile
    if (roster.size >= limits.clients + limits.halfOpen) return onDrop('too-many-half-open')
    const isAggressive = header.exchange === Exchange.AGGRESSIVE
    const displaced = this.#places.makeRoom(arrival.from.address, isAggressive)
    if (displaced === 'full') return
    if (displaced !== undefined) this.#leave(displaced)
    const spis = { initiatorSpi: header.initiatorSpi, responderSpi: freshCookie(ports.random) }
    const place = new Place(
      { ports, plane, configuration: this.#configuration, onDrop },
      spis,
      arrival,
      isAggressive,
    )
    const outcome = place.open(message)
    if (outcome === undefined) return
    this.#places.take(place)
    this.#within(place, doorPatience.silent, () => this.#waitLonger(place))
    outcome.then(
      (entered) => this.#enter(place, entered),
      (error: unknown) => this.#refused(place, error),
    )
  }

  /** Silent since its first message: the place is for others. Talking: a person may be looking for a password. */
  #waitLonger(place: Place): void {
    const tooLate = (): void => {
      this.#parts.onDrop('half-open-timeout')
      this.#leave(place)
    }
    if (!place.isReal) tooLate()
    else this.#within(place, millis(doorPatience.talking - doorPatience.silent), tooLate)
  }

  #refused(place: Place, error: unknown): void {
    if (!(error instanceof VpnError)) throw error
    const { onDrop, onEvent } = this.#parts
    if (error.code === 'cancelled' || error.code === 'gateway-unreachable') {
      if (error.code === 'gateway-unreachable') onDrop('half-open-timeout')
      this.#leave(place)
      return
    }
    onDrop(error.code === 'no-common-proposal' ? 'no-common-proposal' : 'authentication-failed')
    const { user, reason, notify } = error.details
    onEvent({
      kind: 'client-refused',
      from: place.arrival.from,
      reason: reason ?? notify ?? error.code.replaceAll('-', ' '),
      ...(user === undefined ? {} : { who: user }),
    })
    // Its place stays taken for a moment, so that what it repeats is not judged anew.
    this.#within(place, doorPatience.refused, () => this.#leave(place))
  }

  #within(place: Place, delay: Millis, task: () => void): void {
    this.#patience.get(place)?.()
    this.#patience.set(place, this.#parts.ports.clock.after(delay, task))
  }

  /** The place is free; whoever had it may live on. */
  #free(place: Place): void {
    this.#patience.get(place)?.()
    this.#patience.delete(place)
    this.#places.leave(place)
  }

  #leave(place: Place): void {
    this.#free(place)
    place.close()
  }

  // -------------------------------------------------------------- inside

  #enter(place: Place, entered: Entered): void {
    const { roster, profile, onDrop } = this.#parts
    this.#free(place)
    const known = entered.initialContact ? undefined : this.#knownAs(entered, place.arrival)
    if (known === undefined && roster.size >= profile.limits.clients) {
      onDrop('too-many-clients')
      place.close()
      wipeKeys(entered.sa.keys)
      return
    }
    const client = known ?? new ClientV1(this.#owner, roster.nextId(), whoEntered(entered), place.arrival)
    place.becomes(client)
    if (known === undefined) roster.add(client)
    if (entered.initialContact) roster.replaceOlder(client)
    client.enter(entered)
    const { initiatorSpi, responderSpi } = entered.sa
    this.#byCookie.set(responderSpi, { client, initiatorSpi })
    this.#sweep()
    const { authLifetimeSeconds } = profile
    if (authLifetimeSeconds !== undefined)
      roster.within(client, millis(authLifetimeSeconds * 1000), () => void roster.dismiss(client, 'lifetime'))
  }

  /** The client that comes once more with a new ISAKMP SA: the same one, from the same place. */
  #knownAs(entered: Entered, { from }: Arrival): ClientV1 | undefined {
    const { name, method } = whoEntered(entered)
    for (const { client } of this.#byCookie.values()) {
      const { who, endpoint } = client
      if (!this.#parts.roster.has(client) || who.name !== name || who.method !== method) continue
      if (endpoint.address === from.address && endpoint.port === from.port) return client
    }
    return undefined
  }

  /** Forgets the cookies of SAs that are gone. */
  #sweep(): void {
    for (const [responderSpi, { client, initiatorSpi }] of this.#byCookie)
      if (!this.#parts.roster.has(client) || !client.owns({ initiatorSpi, responderSpi }))
        this.#byCookie.delete(responderSpi)
  }

  /** Once it has the traffic that it came for; before that, why not. */
  #announce(client: ClientV1, trouble: string | undefined): void {
    const { roster } = this.#parts
    if (this.#announced.has(client) || !roster.has(client)) return
    if (trouble === undefined) this.#announced.add(client)
    roster.announce(client, trouble)
  }
}
