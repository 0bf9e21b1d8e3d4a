/** Security associations as the portable data plane holds them (RFC 4301 section 4.4.2). */
import type { EspSuite } from '../../src-shared/algorithms.ts'
import type { EspSpi, Millis, PathId, SaId } from '../../src-shared/brands.ts'
import type { DatagramSocket, Endpoint, PacketCipher, PacketCrypto } from '../ports.ts'
import type { InboundSaParameters, OutboundSaParameters, SaStatistics } from './data-plane.ts'
import { innerMtu } from './overhead.ts'
import { createReplayWindow } from './replay.ts'
import type { ReplayWindow } from './replay.ts'
import { compileSelectors } from './selectors.ts'
import type { CompiledSelectors } from './selectors.ts'
import { createSequenceCounter, sequenceNumber } from './sequence.ts'
import type { SequenceCounter } from './sequence.ts'
import { createUsage } from './usage.ts'
import type { ExpiryReport, Usage } from './usage.ts'

/** The living form of a `Path`: the SAs on it hold this object, so that a change reaches all at once. */
export interface PathState {
  readonly id: PathId
  socket: DatagramSocket
  endpoint: Endpoint
  mtu: number
  followPeer: boolean
  /** False once it was removed. */
  usable: boolean
  tooNarrowToldAt: Millis | undefined
}

interface SaState {
  readonly id: SaId
  readonly spi: EspSpi
  readonly suite: EspSuite
  readonly cipher: PacketCipher
  readonly selectors: CompiledSelectors
  readonly path: PathState
  readonly usage: Usage
  readonly report: ExpiryReport
  /** The largest inner packet; follows the path. */
  mtu: number
}

export interface InboundSa extends SaState {
  readonly direction: 'inbound'
  readonly window: ReplayWindow
}

export interface OutboundSa extends SaState {
  readonly direction: 'outbound'
  readonly sequence: SequenceCounter
}

export type Sa = InboundSa | OutboundSa

/** What the data plane adds to the engine's parameters. */
export interface SaSurroundings {
  readonly id: SaId
  readonly path: PathState
  readonly crypto: Pick<PacketCrypto, 'cipher'>
  readonly report: ExpiryReport
}

export const createInboundSa = (
  parameters: InboundSaParameters,
  surroundings: SaSurroundings,
): InboundSa => ({
  direction: 'inbound',
  ...common(parameters, surroundings),
  window: createReplayWindow({
    size: parameters.replayWindow,
    extended: parameters.suite.extendedSequenceNumbers,
    ...(parameters.lastSequence === undefined ? {} : { last: parameters.lastSequence }),
  }),
})

export const createOutboundSa = (
  parameters: OutboundSaParameters,
  surroundings: SaSurroundings,
): OutboundSa => ({
  direction: 'outbound',
  ...common(parameters, surroundings),
  sequence: createSequenceCounter(parameters.suite.extendedSequenceNumbers, parameters.lastSequence),
})

function common(
  parameters: InboundSaParameters | OutboundSaParameters,
  { id, path, crypto, report }: SaSurroundings,
): SaState {
  const { spi, suite, keys } = parameters
  return {
    id,
    spi,
    suite,
    cipher: crypto.cipher({
      encryption: suite.encryption,
      encryptionKey: keys.encryptionKey,
      ...(suite.integrity === undefined ? {} : { integrity: suite.integrity }),
      ...(keys.integrityKey === undefined ? {} : { integrityKey: keys.integrityKey }),
    }),
    selectors: compileSelectors(parameters.selectors),
    path,
    usage: createUsage(parameters.lifetime),
    report,
    mtu: innerMtu(path.mtu, path.socket.family, suite),
  }
}

/** src-shared/status.ts says how much of the window is seen from outside. */
const mostShownOfWindow = 256

export const saStatistics = (sa: Sa): SaStatistics => ({
  id: sa.id,
  spi: sa.spi,
  direction: sa.direction,
  packets: sa.usage.packets,
  bytes: sa.usage.bytes,
  highestSequence: sequenceNumber(sa.direction === 'inbound' ? sa.window.highest() : sa.sequence),
  ...(sa.usage.lastAt === undefined ? {} : { lastAt: sa.usage.lastAt }),
  ...(sa.direction === 'inbound'
    ? { replayWindow: { size: sa.window.size, seen: sa.window.seen(mostShownOfWindow) } }
    : {}),
})
