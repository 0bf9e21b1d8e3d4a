/** One half-open client of version 1: its entrance, where it calls from, and what it is answered there. */
import type { IkeSpi } from '../../../src-shared/brands.ts'
import { Exchange } from '../../ike/v1/code-points.ts'
import type { ExchangePorts } from '../../ike/v1/configuration.ts'
import { openEntrance } from '../../ike/v1/entrance.ts'
import type { Entered, Entrance } from '../../ike/v1/entrance.ts'
import type { ResponderConfiguration } from '../../ike/v1/responder.ts'
import type { DataPlane } from '../../ipsec/data-plane.ts'
import type { Endpoint } from '../../ports.ts'
import type { Arrival } from '../client.ts'
import { localPath } from '../client.ts'
import type { ClientV1 } from './client.ts'

export interface PlaceParts {
  readonly ports: ExchangePorts
  readonly plane: DataPlane
  readonly configuration: ResponderConfiguration
  readonly onDrop: (reason: string) => void
}

export class Place {
  readonly spis: { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi }
  /** Where the first message came from. */
  readonly first: Endpoint
  readonly isAggressive: boolean
  readonly #parts: PlaceParts
  /** Where the last message came from that was taken for the client's: answers go there. */
  #arrival: Arrival
  /** Where the last message came from, whoever sent it. */
  #latest: Arrival
  #entrance: Entrance | undefined
  #client: ClientV1 | undefined

  constructor(parts: PlaceParts, spis: Place['spis'], arrival: Arrival, isAggressive: boolean) {
    this.#parts = parts
    this.spis = spis
    this.first = arrival.from
    this.isAggressive = isAggressive
    this.#arrival = arrival
    this.#latest = arrival
  }

  /** Takes the first message; undefined when it is none that is answered. */
  open(message: Uint8Array): Promise<Entered> | undefined {
    const { ports, configuration, onDrop } = this.#parts
    this.#entrance = openEntrance(
      {
        ports,
        configuration,
        transmit: (datagram) => this.#transmit(datagram, message.length),
        onDrop,
        onMessage: (direction) => {
          if (direction === 'received') this.#follow()
        },
      },
      localPath(this.#arrival),
      this.spis,
      this.isAggressive ? Exchange.AGGRESSIVE : Exchange.MAIN,
      message,
    )
    return this.#entrance?.outcome
  }

  receive(message: Uint8Array, arrival: Arrival): void {
    this.#latest = arrival
    this.#entrance?.receive(message)
  }

  /** From now on what its first SA sends and hears goes this client's way. */
  becomes(client: ClientV1): void {
    this.#client = client
  }

  get arrival(): Arrival {
    return this.#arrival
  }

  /** It has answered with our cookie: it receives where it calls from. */
  get isReal(): boolean {
    return this.#entrance?.isReal === true
  }

  close(): void {
    this.#entrance?.close()
  }

  #transmit(datagram: Uint8Array, questionLength: number): void {
    const { plane, onDrop } = this.#parts
    if (this.#client !== undefined) {
      this.#client.send(datagram)
      return
    }
    // Main mode answers a stranger with no more bytes than have come; aggressive mode cannot do without, and is counted.
    if (!this.isReal && !this.isAggressive && datagram.length > questionLength) {
      onDrop('answer-too-long')
      return
    }
    const { socket, from } = this.#arrival
    plane.sendIke(socket, from, datagram)
  }

  #follow(): void {
    if (this.#client === undefined) this.#arrival = this.#latest
    else this.#client.follow()
  }
}
