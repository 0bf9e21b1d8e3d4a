/**
 * The other end bends, cuts, swaps or makes up each message of phase 1 in turn. Whatever it does: an end either stands with the
 * keys that the true other end has, or refuses with an error of ours, in bounded time.
 */
import { describe, expect, it } from 'vitest'
import type { AcceptedSa, IsakmpSa } from '../../../src-main/ike/v1/configuration.ts'
import { aggressiveMode } from '../../../src-main/ike/v1/exchanges/aggressive.ts'
import { answerAggressiveMode } from '../../../src-main/ike/v1/exchanges/aggressive-responder.ts'
import { mainMode } from '../../../src-main/ike/v1/exchanges/main.ts'
import { answerMainMode } from '../../../src-main/ike/v1/exchanges/main-responder.ts'
import { decodeMessage, encodeMessage } from '../../../src-main/ike/v1/message.ts'
import type { Payload } from '../../../src-main/ike/v1/payloads.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import type { OnWire } from './wire.ts'
import {
  clientConfiguration,
  createWire,
  gatewayConfiguration,
  offerOf,
  proposals,
  tryFirstMessage,
} from './wire.ts'

const quick = { proposals: proposals('ike', 'aes128-sha256-ecp256') }

type Change = (bytes: Uint8Array) => readonly Uint8Array[]
interface Ending {
  readonly ours: PromiseSettledResult<IsakmpSa>
  readonly theirs: PromiseSettledResult<AcceptedSa> | undefined
}

/** Both ends, with the message of this number changed on its way, each time that it is sent. */
async function meet(mode: 'main' | 'aggressive', number: number, change: Change): Promise<Ending> {
  let count = 0
  const numbers = new Map<string, number>()
  const numberOf = ({ from, bytes }: OnWire): number => {
    const key = `${from} ${Buffer.from(bytes).toString('hex')}`
    const known = numbers.get(key) ?? (count += 1)
    numbers.set(key, known)
    return known
  }
  const wire = createWire((sent) => (numberOf(sent) === number - 1 ? change(sent.bytes) : [sent.bytes]))
  const initiate = mode === 'main' ? mainMode : aggressiveMode
  const respond = mode === 'main' ? answerMainMode : answerAggressiveMode
  const ours = initiate(
    wire.client.ports,
    { ...clientConfiguration, ...quick, mode },
    wire.client.peer,
    () => undefined,
  )
  const first = tryFirstMessage(wire, mode, number === 1 ? change : undefined)
  const theirs =
    first === undefined
      ? undefined
      : respond(wire.gateway.ports, { ...gatewayConfiguration, ...quick }, wire.gateway.peer, first)
  const both = Promise.all([
    Promise.allSettled([ours]),
    theirs === undefined ? undefined : Promise.allSettled([theirs]),
  ])
  const meeting = { over: false }
  void both.then(() => (meeting.over = true))
  for (let second = 0; !meeting.over && second < 120; second += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    await wire.clock.pass(1_000)
  }
  expect(meeting.over, 'in bounded time').toBe(true)
  const [[mine], other] = await both
  return { ours: mine, theirs: other?.[0] }
}

function holds({ ours, theirs }: Ending): void {
  for (const end of [ours, theirs])
    if (end?.status === 'rejected') expect(end.reason).toBeInstanceOf(VpnError)
  if (ours.status === 'fulfilled') {
    // The last message is the responder's, or nobody hears whether the initiator's last one has come.
    if (theirs?.status === 'fulfilled') expect(theirs.value.sa.keys).toEqual(ours.value.keys)
  }
}

const messages = { main: [1, 2, 3, 4, 5, 6], aggressive: [1, 2, 3] } as const

describe.each(['main', 'aggressive'] as const)('%s mode with a hostile end', (mode) => {
  it.each(messages[mode])(
    'takes nothing bent for the truth: message %i',
    async (number) => {
      let refused = 0
      for (let round = 0; round < 24; round += 1) {
        const ending = await meet(mode, number, (bytes) => {
          const bent = bytes.slice()
          // Behind the cookies, which only lead elsewhere.
          const at = 16 + ((round * 97) % (bent.length - 16))
          bent[at] = (bent[at] ?? 0) ^ (1 << (round % 8))
          return [bent]
        })
        holds(ending)
        if (ending.ours.status === 'rejected' || ending.theirs?.status !== 'fulfilled') refused += 1
      }
      expect(refused).toBeGreaterThan(4)
    },
    60_000,
  )

  it.each(messages[mode])(
    'is not held up by a message cut short or made longer: message %i',
    async (number) => {
      for (const change of [
        (bytes: Uint8Array) => [bytes.subarray(0, 28)],
        (bytes: Uint8Array) => [bytes.subarray(0, bytes.length - 1)],
        (bytes: Uint8Array) => [Uint8Array.of(...bytes, 0, 0, 0, 0)],
        () => [],
        // A flood of something else in front of the true one does no harm.
        (bytes: Uint8Array) => [...Array.from({ length: 50 }, (_, index) => noise(bytes, index)), bytes],
      ])
        holds(await meet(mode, number, change))
    },
    60_000,
  )

  it('refuses a suite that was not offered, and two suites', async () => {
    for (const offer of [
      offerOf('3des-md5-modp1024'),
      offerOf('aes128-sha256-ecp256', 'aes256-sha256-ecp256'),
    ]) {
      const { ours } = await meet(mode, 2, (bytes) => [withPayload(bytes, 'sa', offer)])
      expect(ours.status).toBe('rejected')
    }
  })

  it('refuses public values that give the secret away', async () => {
    for (const fill of [0, 0xff]) {
      const value: Payload = { type: 'ke', data: new Uint8Array(64).fill(fill) }
      const number = mode === 'main' ? 4 : 2
      const { ours } = await meet(mode, number, (bytes) => [withPayload(bytes, 'ke', value)])
      expect(ours).toMatchObject({ status: 'rejected', reason: { code: 'protocol-violation' } })
      const { theirs } = await meet(mode, mode === 'main' ? 3 : 1, (bytes) => [
        withPayload(bytes, 'ke', value),
      ])
      expect(theirs).toMatchObject({ status: 'rejected', reason: { code: 'protocol-violation' } })
    }
  })
})

const noise = (like: Uint8Array, seed: number): Uint8Array => {
  const bytes = like.slice()
  for (let at = 28; at < bytes.length; at += 1) bytes[at] = (at * 31 + seed * 17) & 0xff
  return bytes
}

/** The same message with another payload in the place of those of this type; as it is where it cannot be read. */
function withPayload(bytes: Uint8Array, type: Payload['type'], payload: Payload): Uint8Array {
  const decoded = decodeMessage(bytes)
  if (!decoded.ok) return bytes
  const { header, payloads } = decoded.value.message
  return encodeMessage(
    header,
    payloads.map((one) => (one.payload.type === type ? payload : one.payload)),
  ).datagram
}
