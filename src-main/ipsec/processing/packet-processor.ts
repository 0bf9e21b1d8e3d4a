/**
 * Packet processing of the whole architecture (RFC 4301 section 5): AH and ESP, transport and tunnel mode, bundles, IPv4 and
 * IPv6. Whole IP packets on either side; no I/O.
 */
import type { Clock, SendOutcome } from '../../ports.ts'
import { readU32 } from '../../ip/octets.ts'
import type { PacketView } from '../../ip/packet.ts'
import type { PacketSink } from '../plane-state.ts'
import type { ExpiryReport } from '../usage.ts'
import { createAssociation } from './association.ts'
import type { Association, AssociationParameters } from './association.ts'
import { createAssociationDatabase } from './association-database.ts'
import type { PolicyDecisions } from './decisions.ts'
import { isInUdp, FRONT_LENGTH, standInPacket } from './from-udp.ts'
import { LONGEST_PACKET } from './working-packet.ts'
import { createDropCounters } from '../drops.ts'
import type { ProcessingDropCounts } from './drop-reasons.ts'
import { createInboundProcessing } from './inbound-processing.ts'
import { createOutboundProcessing } from './outbound-processing.ts'
import type { ProcessingState } from './processing-state.ts'

export interface PacketProcessorParameters {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly policies: PolicyDecisions
  /** Sends a whole IP packet on the unprotected side; the bytes are free again when it returns. */
  readonly send: (buffer: Uint8Array, offset: number, length: number) => SendOutcome
  /** Whether a packet is for this machine itself, and not for a host behind it. */
  readonly isOurs: (view: PacketView) => boolean
  /** Of the unprotected side, in bytes. */
  readonly mtu: number
  /** Called while the packet that caused it is still being processed. */
  readonly onExpiry?: (association: Association, ...what: Parameters<ExpiryReport>) => void
}

export interface PacketProcessor {
  /** Where packets of the protected side go; undefined: nowhere. */
  useSink(sink: PacketSink | undefined): void
  /** From the protected side. The bytes stay as they are. */
  outbound(buffer: Uint8Array, offset: number, length: number): void
  /** From the unprotected side: a whole IP packet or a fragment. The bytes stay as they are. */
  inbound(buffer: Uint8Array, offset: number, length: number): void
  /** ESP as it comes out of UDP (RFC 3948), from its SPI on; what names no SA of ours with UDP is dropped. */
  inboundFromUdp(buffer: Uint8Array, offset: number, length: number, trafficClass: number): void
  /** Undefined when another inbound SA has its SPI, destination and protocol; its transform is then still the caller's. */
  install(parameters: AssociationParameters): Association | undefined
  /** Wipes its keys. */
  remove(association: Association): void
  associations(): readonly Association[]
  /** Sends a packet without meaning on an outbound ESP SA, `length` bytes inside (RFC 4303 section 2.6). */
  sendDummy(association: Association, length: number): boolean
  /** Of the unprotected side, when it changes. */
  setMtu(mtu: number): void
  statistics(): {
    readonly drops: ProcessingDropCounts
    readonly bypassed: number
    readonly tooBigAnswers: number
  }
  /** Wipes all keys. */
  close(): void
}

export function createPacketProcessor(parameters: PacketProcessorParameters): PacketProcessor {
  const state: ProcessingState = {
    clock: parameters.clock,
    policies: parameters.policies,
    associations: createAssociationDatabase(),
    drops: createDropCounters(),
    send: parameters.send,
    isOurs: parameters.isOurs,
    mtu: parameters.mtu,
    sink: undefined,
    bypassed: 0,
    tooBigAnswers: 0,
  }
  const outbound = createOutboundProcessing(state)
  const inbound = createInboundProcessing(state)
  return {
    useSink(sink) {
      state.sink = sink
    },
    outbound: (buffer, offset, length) => outbound.packet(buffer, offset, length),
    inbound: (buffer, offset, length) => inbound.packet(buffer, offset, length),
    inboundFromUdp(buffer, offset, length, trafficClass) {
      // A keepalive, or IKE behind its marker (RFC 3948 section 2): no packets of any SA.
      if (length < 8 || readU32(buffer, offset) === 0) return
      const spi = readU32(buffer, offset)
      const association = state.associations
        .all()
        .find((sa) => sa.direction === 'inbound' && sa.spi === spi && isInUdp(sa))
      if (association === undefined || length > LONGEST_PACKET - FRONT_LENGTH) {
        state.drops.count(association === undefined ? 'no-sa' : 'too-big')
        return
      }
      const packet = standInPacket(association, buffer, offset, length, trafficClass)
      inbound.packet(packet, 0, packet.length)
    },
    install(wanted) {
      const association: Association = createAssociation(wanted, (...what) =>
        parameters.onExpiry?.(association, ...what),
      )
      return state.associations.add(association) ? association : undefined
    },
    remove: (association) => state.associations.remove(association),
    associations: () => state.associations.all(),
    sendDummy: (association, length) => outbound.dummy(association, length),
    setMtu(mtu) {
      state.mtu = mtu
    },
    statistics: () => ({
      drops: state.drops.read(),
      bypassed: state.bypassed,
      tooBigAnswers: state.tooBigAnswers,
    }),
    close() {
      state.sink = undefined
      state.associations.clear()
    },
  }
}
