/** A connection that stands, a gateway that can say anything on it, and what must not have changed afterwards. */
import { expect } from 'vitest'
import { messageId } from '../../src-shared/brands.ts'
import { readIkeHeader } from '../../src-main/ike/header.ts'
import { ErrorNotify, Exchange } from '../../src-main/ike/v2/code-points.ts'
import type { IkeSa } from '../../src-main/ike/v2/ike-sa.ts'
import { notifyName } from '../../src-main/ike/v2/code-points.ts'
import type { Message, MessageHeader } from '../../src-main/ike/v2/message.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import type { HostileOptions } from './hostile-gateway.ts'
import { gatewayVoice, hostileGateway } from './hostile-gateway.ts'

export async function established(options: HostileOptions = {}) {
  const hostile = hostileGateway(options)
  const { story } = hostile
  const { connected } = await hostile.dial()
  const { sa } = hostile
  if (connected === undefined || sa === undefined)
    throw new Error('not connected', { cause: story.result.failure })
  const voice = gatewayVoice(sa)
  const { client } = story
  client.drops.length = 0
  story.told()
  const stood = { sa: client.session.sa, children: client.session.children, effects: client.effects.length }
  let nextId = 0

  /** What the client has sent since, opened where it can be. */
  const sentSince = (count: number): readonly Uint8Array[] =>
    story.wire.sent.slice(count).flatMap(({ from, bytes }) => (from === 'client' ? [bytes] : []))

  const inject = async (...datagrams: readonly Uint8Array[]): Promise<readonly Uint8Array[]> => {
    const count = story.wire.sent.length
    for (const datagram of datagrams) story.inject('gateway', datagram)
    await story.settle()
    return sentSince(count)
  }

  return {
    hostile,
    story,
    client,
    connected,
    sa,
    voice,
    inject,
    sentSince,
    /** An authentic request with the next message ID; gives the answer, or undefined. */
    async ask(exchange: number, payloads: readonly Payload[]): Promise<Message | undefined> {
      const header: Partial<MessageHeader> = { exchange, messageId: messageId(nextId) }
      nextId += 1
      const sent = await inject(...voice.write(header, payloads))
      const answer = sent.find((bytes) => readIkeHeader(bytes)?.response === true)
      return answer === undefined ? undefined : hostile.openClient(answer)
    },
    /** The IKE SA and its Child SAs are the very same, nothing was installed or removed, and they still work. */
    async expectUnchanged(): Promise<void> {
      expect(client.closed).toBeUndefined()
      expect(client.session.sa).toBe(stood.sa)
      expect(client.session.children).toEqual(stood.children)
      expect(client.effects).toHaveLength(stood.effects)
      const count = story.wire.sent.length
      client.session.probe()
      await story.settle()
      expect(sentSince(count)).toHaveLength(1)
      await story.pass(30_000)
      expect(client.closed).toBeUndefined()
      expect(sentSince(count)).toHaveLength(1)
      expect(hostile.errors).toEqual([])
    },
  }
}

export type Established = Awaited<ReturnType<typeof established>>

/** What an answer says, in a word: the error it names, else its payloads. */
export function gist(answer: Message | undefined): string {
  if (answer === undefined) return 'no answer'
  const refusal = answer.payloads.find((payload) => payload.type === 'notify' && payload.notify < 16_384)
  if (refusal?.type === 'notify') return notifyName(refusal.notify)
  return answer.payloads.map(({ type }) => type).join(' ')
}

export const informational = Exchange.INFORMATIONAL
export const createChildSa = Exchange.CREATE_CHILD_SA
export const everyError: readonly (readonly [string, number])[] = Object.entries(ErrorNotify)
export type { IkeSa }
