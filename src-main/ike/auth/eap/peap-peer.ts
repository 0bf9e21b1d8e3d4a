/**
 * PEAPv0 as the client ([MS-PEAP]; draft-kamath-pppext-peapv0): TLS in which the server proves itself, inside of it EAP, whose
 * packets lose their header, and at the end the result, said and acknowledged inside. No cryptobinding is computed: who demands it
 * refuses us.
 */
import { DecodeError, bits, decode, encode, struct } from '../../../wire/codec.ts'
import { u16 } from '../../../wire/integers.ts'
import { lengthPrefixed, list, rest } from '../../../wire/sequences.ts'
import type { InnerEap } from './inner-eap.ts'
import type { EapPeerMethod, MethodStep } from './method.ts'
import { EapType, eapPacket } from './packet.ts'
import type { EapTls, Failed } from './tls-tunnel.ts'
import { createTlsTunnel, failed, tlsMasterSessionKey } from './tls-tunnel.ts'

/*
 * Type data of EAP-TLV (type 33), [MS-PEAP] section 2.2.8: TLVs one behind the other
 * |M|R|            TLV Type       |            Length             |
 * |  Value ~
 */
const tlv = struct({ head: bits(u16, { mandatory: 1, _: 1, type: 14 }), value: lengthPrefixed(u16, rest) })
const tlvs = list(tlv, 16)
const resultValue = struct({ status: u16 })

const RESULT = 3
const Status = { SUCCESS: 1, FAILURE: 2 } as const

const headerBytes = 4

const malformed = (problem: string): Failed => failed('malformed', { reason: `PEAP: ${problem}` })

/** What is said inside; `through`: EAP-Success is right from now on. */
type Said = { readonly kind: 'say'; readonly data: Uint8Array; readonly through: boolean } | Failed

/** Whether the bytes are a whole EAP packet rather than one without its header. */
function hasHeader(bytes: Uint8Array): boolean {
  if (bytes.length < headerBytes) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const code = view.getUint8(0)
  return code >= 1 && code <= 4 && view.getUint16(2) === bytes.length
}

const withHeader = (identifier: number, bytes: Uint8Array): Uint8Array => {
  const packet = new Uint8Array(headerBytes + bytes.length)
  packet[0] = 1
  packet[1] = identifier
  new DataView(packet.buffer).setUint16(2, packet.length)
  packet.set(bytes, headerBytes)
  return packet
}

export function createPeapPeer(tls: EapTls, innerEap: () => InnerEap): EapPeerMethod {
  const tunnel = createTlsTunnel('PEAP', tls, 0)
  const inner = innerEap()

  /** The result counts only when the method inside was through: a server that skips it has proven nothing of the user (CVE-2023-52160). */
  const answerResult = (identifier: number, data: Uint8Array): Said => {
    const result = decode(tlvs, data).find(({ head }) => head.type === RESULT)
    if (result === undefined) return malformed('no result')
    const { status } = decode(resultValue, result.value)
    if (status !== Status.SUCCESS) return failed('refused', { method: 'PEAP' })
    const problem = inner.successProblem()
    if (problem !== undefined) return problem
    const value = encode(resultValue, { status: Status.SUCCESS })
    const answer = encode(tlvs, [{ head: { mandatory: 1, type: RESULT }, value }])
    const packet = { code: 'response', identifier, type: EapType.TLV, data: answer } as const
    return { kind: 'say', data: encode(eapPacket, packet), through: true }
  }

  const answer = async (outerIdentifier: number, plaintext: Uint8Array): Promise<Said> => {
    const bytes = hasHeader(plaintext) ? plaintext : withHeader(outerIdentifier, plaintext)
    const packet = decode(eapPacket, bytes)
    if (packet.code === 'request' && packet.type === EapType.TLV)
      return answerResult(packet.identifier, packet.data)
    const outcome = await inner.receive(bytes)
    if (outcome.kind === 'failed') return outcome
    // Without the header, even where the server had one before its question (FreeRADIUS); only the result keeps it.
    return { kind: 'say', data: outcome.data.subarray(headerBytes), through: false }
  }

  const respond = async (identifier: number, data: Uint8Array): Promise<MethodStep> => {
    const step = await tunnel.receive(data)
    if (step.kind === 'failed') return step
    if (step.kind === 'respond') return { kind: 'respond', data: step.data, complete: false }
    // The server begins inside.
    const said = step.plaintext.length === 0 ? undefined : await answer(identifier, step.plaintext)
    step.plaintext.fill(0)
    if (said?.kind === 'failed') return said
    const encrypted = await tunnel.say(said?.data)
    said?.data.fill(0)
    if ('kind' in encrypted) return encrypted
    if (said?.through !== true) return { kind: 'respond', data: encrypted, complete: false }
    const msk = tlsMasterSessionKey(tunnel, step.version, EapType.PEAP, 'client EAP encryption')
    return { kind: 'respond', data: encrypted, complete: true, msk }
  }

  return {
    async respond(identifier, data) {
      try {
        return await respond(identifier, data)
      } catch (error) {
        if (error instanceof DecodeError) return malformed(error.reason)
        throw error
      }
    },
    close() {
      inner.close()
      tunnel.close()
    },
  }
}
