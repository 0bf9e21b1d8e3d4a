/** A server of EAP within TLS for the tests: its TLS end, its fragments, and whatever a test wants said inside. */
import { decode, encode } from '../../../../src-main/wire/codec.ts'
import { eapPacket } from '../../../../src-main/ike/auth/eap/packet.ts'
import { createCutting, createReassembly } from '../../../../src-main/ike/auth/eap/tls-fragments.ts'
import { tlsFragment } from '../../../../src-main/ike/auth/eap/tls-packet.ts'
import type { TlsFragment } from '../../../../src-main/ike/auth/eap/tls-packet.ts'
import type { EapOutcome, EapPeer, SettledEapOutcome } from '../../../../src-main/ike/auth/eap/peer.ts'
import { settledOutcome } from '../../../../src-main/ike/auth/eap/peer.ts'
import type { TlsServerEnd } from '../../../fakes/tls-end.ts'

const NOTHING = new Uint8Array(0)

export const eapRequest = (type: number, data: Uint8Array, identifier = 7): Uint8Array =>
  encode(eapPacket, { code: 'request', identifier, type, data })
export const eapSuccess = encode(eapPacket, { code: 'success', identifier: 7 })
export const eapFailure = encode(eapPacket, { code: 'failure', identifier: 7 })
export const fragment = (part: Partial<TlsFragment>): Uint8Array =>
  encode(tlsFragment, { start: false, more: false, version: 0, total: undefined, data: NOTHING, ...part })

export const settle = async (outcome: EapOutcome): Promise<SettledEapOutcome> => settledOutcome(outcome)

/** The type data of a reply. Throws for any other outcome. */
export function answerOf(outcome: SettledEapOutcome): Uint8Array {
  if (outcome.kind !== 'reply') throw new Error(`no reply: ${JSON.stringify(outcome)}`)
  const packet = decode(eapPacket, outcome.data)
  if (packet.code !== 'response') throw new Error('no response')
  return packet.data
}

export interface TlsStory {
  /** What the client sent of TLS, every byte. */
  readonly sent: Uint8Array[]
  /** How many packets the client has sent. */
  readonly packets: () => number
  /** Begins, and goes on until the client has said something inside, nothing is left to say, or it ended. */
  begin(): Promise<Told>
  /** Says something inside; gives what the client says to it. */
  say(plaintext: Uint8Array): Promise<Told>
  /** Records as they are, such as an alert. */
  send(records: Uint8Array): Promise<Told>
}

export interface Told {
  readonly outcome: SettledEapOutcome
  readonly inside: Uint8Array
}

/** The server's side of a method of this type; asks nothing of the identity. */
export function tellTls(peer: EapPeer, end: TlsServerEnd, type: number): TlsStory {
  const cutting = createCutting(0)
  const reassembly = createReassembly()
  const sent: Uint8Array[] = []
  let identifier = 0
  let packets = 0
  const pass = async (part: TlsFragment): Promise<SettledEapOutcome> => {
    identifier += 1
    packets += 1
    return settle(peer.receive(eapRequest(type, encode(tlsFragment, part), identifier)))
  }
  /** Until the client has sent its whole message. */
  const whole = async (first: SettledEapOutcome): Promise<SettledEapOutcome> => {
    let outcome = first
    for (let round = 0; round < 200 && outcome.kind === 'reply'; round += 1) {
      const rest = cutting.next()
      const arrived = reassembly.take(decode(tlsFragment, answerOf(outcome)))
      if (arrived.kind === 'wrong') throw new Error(`the client's fragments: ${arrived.problem}`)
      if (rest !== undefined) outcome = await pass(rest)
      else if (arrived.kind === 'part') outcome = await pass(cutting.begin(NOTHING))
      else {
        if (arrived.message.length > 0) {
          sent.push(arrived.message)
          await end.feed(arrived.message)
        }
        return outcome
      }
    }
    return outcome
  }
  const converse = async (start: SettledEapOutcome): Promise<Told> => {
    let outcome = await whole(start)
    for (let round = 0; round < 20 && outcome.kind === 'reply'; round += 1) {
      const inside = end.read()
      if (inside.length > 0) return { outcome, inside }
      const records = end.drain()
      if (records.length === 0) return { outcome, inside }
      outcome = await whole(await pass(cutting.begin(records)))
    }
    return { outcome, inside: end.read() }
  }
  return {
    sent,
    packets: () => packets,
    begin: async () =>
      converse(await pass({ start: true, more: false, version: 0, total: undefined, data: NOTHING })),
    async say(plaintext) {
      await end.write(plaintext)
      return converse(await pass(cutting.begin(end.drain())))
    },
    send: async (records) => converse(await pass(cutting.begin(records))),
  }
}
