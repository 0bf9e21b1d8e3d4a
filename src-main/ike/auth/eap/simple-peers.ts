/** EAP-MD5 and EAP-GTC as the client, without a key (RFC 3748 sections 5.4 and 5.6). */
import type { Crypto } from '../../../ports.ts'
import { DecodeError, decode, encode } from '../../../wire/codec.ts'
import type { EapPeerMethod, MethodStep } from './method.ts'
import { md5Data } from './packet.ts'
import { utf8Bytes } from '../../../wire/text.ts'
import { textOf } from './text.ts'

/** Answers once: a second request would be a second challenge to the same secret, which neither method has. */
function once(name: string, respond: (identifier: number, data: Uint8Array) => Uint8Array): EapPeerMethod {
  let answered = false
  const failed = (reason: 'malformed' | 'wrong-order', problem: string): MethodStep => ({
    kind: 'failed',
    reason,
    details: { reason: `${name}: ${problem}` },
  })
  return {
    respond(identifier, data) {
      if (answered) return failed('wrong-order', 'a second request')
      try {
        const response = respond(identifier, data)
        answered = true
        return { kind: 'respond', data: response, complete: true }
      } catch (error) {
        if (error instanceof DecodeError) return failed('malformed', error.reason)
        throw error
      }
    },
  }
}

/** RFC 1994 section 4.1: MD5 over the identifier, the secret and the challenge. */
export const md5Response = (
  crypto: Crypto,
  identifier: number,
  password: Uint8Array,
  challenge: Uint8Array,
): Uint8Array => crypto.hash('md5', Uint8Array.of(identifier), password, challenge)

export const createMd5Peer = (crypto: Crypto, username: string, password: Uint8Array): EapPeerMethod =>
  once('EAP-MD5', (identifier, data) => {
    const { value: challenge } = decode(md5Data, data)
    return encode(md5Data, {
      value: md5Response(crypto, identifier, password, challenge),
      name: utf8Bytes(username),
    })
  })

/** Asks the person for what a text of the server's asks for; gives UTF-8, which its taker wipes. */
export type AskForCode = (text: string) => Promise<Uint8Array>

/**
 * RFC 3748 section 5.6: the request is a text to show, the response what the person has to say to it. The first question is for the
 * password; whatever follows is for a code, which only the person has: the password is never said twice. With `codesOnly`, the
 * password has been proven before, by another method.
 */
export function createGtcPeer(
  password: Uint8Array,
  askForCode: AskForCode | undefined,
  codesOnly = false,
): EapPeerMethod {
  let answered = codesOnly
  const askAgain = async (ask: AskForCode, text: string): Promise<MethodStep> => ({
    kind: 'respond',
    data: await ask(text),
    complete: true,
  })
  return {
    respond(_identifier, data) {
      if (!answered) {
        answered = true
        return { kind: 'respond', data: Uint8Array.from(password), complete: true }
      }
      if (askForCode === undefined)
        return { kind: 'failed', reason: 'wrong-order', details: { reason: 'EAP-GTC: a second request' } }
      return askAgain(askForCode, shownText(data))
    },
  }
}

const mostShown = 300

/** A server's text as it may be shown: one line, nothing in it that steers or hides. Empty where there is none. */
export const shownText = (bytes: Uint8Array): string =>
  textOf(bytes.subarray(0, 4 * mostShown))
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029\uFFFD]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, mostShown)
