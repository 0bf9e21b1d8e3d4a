/** The outbound worker's turn: packets from the adapter, several in one where the kernel leaves cutting to us, sealed and sent in batches. */
import {
  createOffloadHeader,
  createTunQueue,
  createUdpBatchSender,
  LONGEST_TUN_PACKET,
  OFFLOAD_HEADER_LENGTH,
  readOffloadHeader,
  TUN_QUEUE_PARTS_LENGTH,
  writePlainHeader,
} from 'tun-tap'
import type { TunQueue, UdpBatchSender, UdpSendOutcome } from 'tun-tap'
import { completeChecksum, createSegmenter } from '../../ip/segments.ts'
import { espPrefixLength } from '../../ipsec/esp.ts'
import { createOutbound, reportNarrowPath } from '../../ipsec/outbound.ts'
import { PACKET_HEADROOM, PACKET_TAILROOM } from '../../ports.ts'
import type { DatagramSocket } from '../../ports.ts'
import type { PacketMemory } from './packet-memory.ts'
import type { SocketCommand, WorkerSettings } from './commands.ts'
import type { WorkerLoop } from './worker-loop.ts'
import { createWorkerState } from './worker-state.ts'
import type { WorkerSocket } from './worker-state.ts'

/** Datagrams gathered before they are sent. */
const GATHER = 64
/** Reads in one turn, so that commands and numbers get theirs. */
const READS = 64
const MESSAGES = 64
/** Small packets are sealed where they were read, one behind the other. */
const PACKETS_LENGTH = 384 * 1024
const SEGMENTS_LENGTH = 384 * 1024
/** Before there is any SA. */
const USUAL_PREFIX = 16
const dropReasonOf = {
  'would-block': 'send-blocked',
  'too-big': 'too-big',
  unreachable: 'send-failed',
  failed: 'send-failed',
} as const

export function createOutboundLoop(arena: PacketMemory, settings: WorkerSettings): WorkerLoop {
  const { bytes, view } = arena
  const packets = arena.region(PACKETS_LENGTH)
  const segments = arena.region(SEGMENTS_LENGTH)
  const scratchStart = arena.region(PACKET_HEADROOM + 65_536 + PACKET_TAILROOM)
  const answers = arena.region(2048)
  const queueParts = arena.region(TUN_QUEUE_PARTS_LENGTH)
  const scratch = { buffer: bytes, offset: scratchStart + PACKET_HEADROOM }
  // Nothing comes in here.
  const early = { buffer: new Uint8Array(), offset: 0 }
  const state = createWorkerState({ ...settings, scratch: () => scratch, early })
  const outbound = createOutbound(state)
  const segmenter = createSegmenter(arena)
  const header = createOffloadHeader()
  const senders = new Map<DatagramSocket, UdpBatchSender>()
  let queue: TunQueue | undefined
  let descriptors: readonly number[] = []
  let prefix = USUAL_PREFIX
  let gathered = 0
  let sentEnd = 0
  let packetAt = packets
  let segmentAt = segments

  const flush = (): void => {
    for (const sender of senders.values()) sender.flush()
    gathered = 0
    packetAt = packets
    segmentAt = segments
  }

  const onFailure =
    (socket: () => DatagramSocket | undefined) =>
    (outcome: Exclude<UdpSendOutcome, 'sent'>, count: number, length: number): void => {
      state.drops.add(dropReasonOf[outcome], count)
      if (outcome !== 'too-big') return
      for (const path of state.paths.values())
        if (path.socket === socket()) reportNarrowPath(state, path, length, state.clock.monotonic())
    }

  const openSocket = ({ id, descriptor, family, localPort }: SocketCommand): WorkerSocket => {
    const options = { descriptor, family, batch: MESSAGES, burst: settings.burst }
    const sender = createUdpBatchSender(
      arena,
      options,
      onFailure(() => socket),
    )
    const socket: WorkerSocket = {
      id,
      family,
      localPort,
      framing: undefined,
      send(to, buffer, offset, length, trafficClass = 0) {
        if (buffer !== bytes || !sender.add(to, offset, length, trafficClass)) return 'failed'
        gathered += 1
        // Made here, in the one place for it, which is used again at once.
        if (offset >= scratchStart && offset < answers) flush()
        else sentEnd = offset + length
        return 'sent'
      },
      onDatagram: () => undefined,
      localAddressTowards: () => undefined,
      close: () => void senders.delete(socket),
    }
    senders.set(socket, sender)
    return socket
  }

  /** One packet that stands for several, at `offset`. */
  const takeSegments = (offset: number, length: number): void => {
    const protocol = header.kind === 'udp' ? 'udp' : 'tcp'
    const { checksumStart: transportOffset, segmentSize } = header
    if (!segmenter.begin({ offset, length, protocol, transportOffset, segmentSize })) {
      state.drops.count('not-ip')
      return
    }
    const longest = segmenter.longest()
    const room = prefix + longest + PACKET_TAILROOM
    const sa = outbound.saForSegments(bytes, offset, length, longest)
    for (;;) {
      if (segmentAt + room > segments + SEGMENTS_LENGTH) flush()
      const target = segmentAt + prefix
      const segmentLength = segmenter.next(target)
      if (segmentLength === 0) return
      sentEnd = 0
      if (sa === undefined) outbound.packet(bytes, target, segmentLength)
      else outbound.segment(sa, bytes, target, segmentLength)
      if (sentEnd > 0) segmentAt = sentEnd
      if (gathered >= GATHER) flush()
    }
  }

  const takePacket = (offset: number, length: number): void => {
    const { checksumStart, checksumOffset } = header
    if (checksumStart > 0 && !completeChecksum(arena, offset, length, checksumStart, checksumOffset)) {
      state.drops.count('not-ip')
      return
    }
    sentEnd = 0
    outbound.packet(bytes, offset, length)
    if (sentEnd > 0) packetAt = sentEnd
  }

  /** False when there was nothing. */
  const takeOne = (from: TunQueue): boolean => {
    if (packetAt + prefix + LONGEST_TUN_PACKET + PACKET_TAILROOM > packets + PACKETS_LENGTH) flush()
    const offset = packetAt + prefix
    const read = from.read(offset - OFFLOAD_HEADER_LENGTH)
    if (read < 0) leaveTun()
    if (read <= OFFLOAD_HEADER_LENGTH) return false
    const length = read - OFFLOAD_HEADER_LENGTH
    if (!readOffloadHeader(view, offset - OFFLOAD_HEADER_LENGTH, header)) state.drops.count('not-ip')
    else if (header.kind === 'none') takePacket(offset, length)
    else takeSegments(offset, length)
    if (gathered >= GATHER) flush()
    return true
  }

  const leaveTun = (): void => {
    queue = state.tun = undefined
    descriptors = []
  }

  return {
    state,
    openSocket,
    leaveTun,
    take: () => undefined,
    installed: () => undefined,
    useTun(descriptor) {
      const fresh = (queue = createTunQueue(arena, descriptor, queueParts))
      descriptors = [descriptor]
      state.tun = {
        write(buffer, offset, length) {
          writePlainHeader(view, answers, false)
          bytes.set(buffer.subarray(offset, offset + length), answers + OFFLOAD_HEADER_LENGTH)
          fresh.begin()
          fresh.add(answers, OFFLOAD_HEADER_LENGTH + length)
          return fresh.end() === 'written'
        },
      }
    },
    changed() {
      // The packets lie so close to each other that they travel together, whatever cipher they are for.
      let longest = 0
      for (const { direction, cipher } of state.sad.all())
        if (direction === 'outbound') longest = Math.max(longest, espPrefixLength(cipher))
      // The adapter's own header stands there first, which is longer than ESP's without an IV (NULL).
      prefix = longest > 0 ? Math.max(longest, OFFLOAD_HEADER_LENGTH) : USUAL_PREFIX
    },
    turn() {
      let reads = 0
      while (queue !== undefined && reads < READS && takeOne(queue)) reads += 1
      flush()
      return reads === READS
    },
    descriptors: () => descriptors,
  }
}
