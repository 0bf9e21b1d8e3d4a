/** How many IKE_SA_INIT messages one thread decodes in a second: datagram in, checked message out. */
import { Exchange, Notify } from '../../src-main/ike/v2/code-points.ts'
import { decodeMessage, encodeMessage } from '../../src-main/ike/v2/message.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import { ikeSpi, messageId } from '../../src-shared/brands.ts'

const bytes = (length: number) => new Uint8Array(length).fill(0xa5)
const notify = (type: number, length: number): Payload => ({
  type: 'notify',
  protocol: 0,
  spi: bytes(0),
  notify: type,
  data: bytes(length),
})

/** What a client of today sends first: a combined-mode and a CBC proposal of 7 and 9 transforms, X25519, NAT detection, … */
const payloads: readonly Payload[] = [
  {
    type: 'sa',
    proposals: [
      {
        number: 1,
        protocol: 1,
        spi: bytes(0),
        transforms: [
          { type: 1, id: 20, keyBits: 256 },
          { type: 1, id: 20, keyBits: 128 },
          { type: 1, id: 28 },
          { type: 2, id: 5 },
          { type: 2, id: 6 },
          { type: 4, id: 31 },
          { type: 4, id: 19 },
        ],
      },
      {
        number: 2,
        protocol: 1,
        spi: bytes(0),
        transforms: [
          { type: 1, id: 12, keyBits: 256 },
          { type: 1, id: 12, keyBits: 128 },
          { type: 3, id: 12 },
          { type: 3, id: 13 },
          { type: 2, id: 5 },
          { type: 2, id: 6 },
          { type: 4, id: 31 },
          { type: 4, id: 19 },
          { type: 4, id: 14 },
        ],
      },
    ],
  },
  { type: 'ke', group: 31, data: bytes(32) },
  { type: 'nonce', data: bytes(32) },
  notify(Notify.NAT_DETECTION_SOURCE_IP, 20),
  notify(Notify.NAT_DETECTION_DESTINATION_IP, 20),
  notify(Notify.IKEV2_FRAGMENTATION_SUPPORTED, 0),
  notify(Notify.SIGNATURE_HASH_ALGORITHMS, 8),
]

export interface CodecBenchmark {
  /** Medians over the rounds. */
  readonly decodesPerSecond: number
  readonly encodesPerSecond: number
  readonly messageBytes: number
  readonly rounds: number
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

function rate(batch: number, rounds: number, work: () => void): number {
  const rates: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const start = performance.now()
    for (let count = 0; count < batch; count += 1) work()
    const seconds = (performance.now() - start) / 1000
    // The first round warms up.
    if (round > 0) rates.push(batch / seconds)
  }
  return median(rates)
}

/** Runs for about four seconds. */
export async function benchCodec(): Promise<CodecBenchmark> {
  const header = {
    initiatorSpi: ikeSpi(0x0123456789abcdefn),
    responderSpi: ikeSpi(0n),
    exchange: Exchange.IKE_SA_INIT,
    initiator: true,
    response: false,
    messageId: messageId(0),
  }
  const [datagram = bytes(0)] = encodeMessage({ header, payloads })
  const rounds = 9
  const decodesPerSecond = rate(60_000, rounds, () => {
    if (decodeMessage(datagram).kind !== 'message') throw new Error('the benchmark message is not understood')
  })
  await Promise.resolve()
  const encodesPerSecond = rate(20_000, rounds, () => void encodeMessage({ header, payloads }))
  return { decodesPerSecond, encodesPerSecond, messageBytes: datagram.length, rounds }
}

export default benchCodec
