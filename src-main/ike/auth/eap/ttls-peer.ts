/**
 * EAP-TTLSv0 as the client (RFC 5281): TLS in which the server proves itself, and inside of it a password, by PAP, by MSCHAPv2, or
 * by another EAP conversation. The client speaks first inside.
 */
import type { Crypto, Random } from '../../../ports.ts'
import { DecodeError, decode, encode } from '../../../wire/codec.ts'
import { utf8Bytes } from '../../../wire/text.ts'
import type { Avp } from './avp.ts'
import { AvpCode, MICROSOFT, avps } from './avp.ts'
import type { InnerEap } from './inner-eap.ts'
import type { EapInnerName, EapPeerMethod, MethodStep } from './method.ts'
import { mschapv2Values, readSuccessText } from './mschapv2.ts'
import { refusedByServer } from './mschapv2-peer.ts'
import { EapType } from './packet.ts'
import type { EapTls, Failed } from './tls-tunnel.ts'
import { createTlsTunnel, failed, tlsMasterSessionKey } from './tls-tunnel.ts'

export interface TtlsOptions {
  readonly crypto: Crypto
  readonly random: Random
  readonly tls: EapTls
  readonly inner: EapInnerName
  readonly username: string
  /** UTF-8; stays the owner's. */
  readonly password: Uint8Array
  readonly innerEap: () => InnerEap
}

/** What the inside says to a message of the server; `through`: EAP-Success is right from now on. */
type InnerStep = { readonly kind: 'say'; readonly avps: readonly Avp[]; readonly through: boolean } | Failed

interface Inner {
  begin(): InnerStep | Promise<InnerStep>
  receive(message: readonly Avp[]): InnerStep | Promise<InnerStep>
  close(): void
}

const avpOf = (code: number, data: Uint8Array, vendor = 0): Avp => ({ code, vendor, mandatory: true, data })
const find = (message: readonly Avp[], code: number, vendor = 0): Uint8Array | undefined =>
  message.find((one) => one.code === code && one.vendor === vendor)?.data
const malformed = (problem: string): Failed => failed('malformed', { reason: `EAP-TTLS: ${problem}` })
const nothing = (): void => undefined

/** RFC 5281 section 11.2.5: the password with zeros up to a multiple of sixteen, so that its length does not show. */
function createPap({ username, password }: TtlsOptions): Inner {
  return {
    begin() {
      const padded = new Uint8Array(Math.max(16, Math.ceil(password.length / 16) * 16))
      padded.set(password)
      const said = [avpOf(AvpCode.USER_NAME, utf8Bytes(username)), avpOf(AvpCode.USER_PASSWORD, padded)]
      return { kind: 'say', avps: said, through: true }
    },
    receive: () => malformed('more than a password is asked for'),
    close: nothing,
  }
}

/** RFC 5281 section 11.2.4: the challenge comes of the tunnel's keys, so that nobody can pass it on from elsewhere. */
function createMschapv2(
  { crypto, random, username, password }: TtlsOptions,
  exportChallenge: () => Uint8Array,
): Inner {
  let expected: { readonly ident: number; readonly authenticatorResponse: Uint8Array } | undefined
  return {
    begin() {
      const implicit = exportChallenge()
      const authenticatorChallenge = implicit.slice(0, 16)
      const ident = new DataView(implicit.buffer, implicit.byteOffset).getUint8(16)
      const peerChallenge = random.bytes(16)
      const values = mschapv2Values(crypto, { authenticatorChallenge, peerChallenge, username, password })
      // RFC 2548 section 2.3.2: Ident, Flags, Peer-Challenge, eight bytes of zero, Response.
      const response = new Uint8Array(50)
      response[0] = ident
      response.set(peerChallenge, 2)
      response.set(values.ntResponse, 26)
      expected = { ident, authenticatorResponse: values.authenticatorResponse }
      // The key of the tunnel counts, not this one.
      values.msk.fill(0)
      const said = [
        avpOf(AvpCode.USER_NAME, utf8Bytes(username)),
        avpOf(AvpCode.MS_CHAP_CHALLENGE, authenticatorChallenge, MICROSOFT),
        avpOf(AvpCode.MS_CHAP2_RESPONSE, response, MICROSOFT),
      ]
      return { kind: 'say', avps: said, through: false }
    },
    receive(message) {
      if (expected === undefined) return malformed('an answer to no question')
      const { ident, authenticatorResponse } = expected
      expected = undefined
      const refusal = find(message, AvpCode.MS_CHAP_ERROR, MICROSOFT)
      if (refusal !== undefined) return refusedByServer(refusal.subarray(1))
      const success = find(message, AvpCode.MS_CHAP2_SUCCESS, MICROSOFT)
      const proof = success?.[0] === ident ? readSuccessText(success.subarray(1)) : undefined
      if (proof === undefined) return malformed('no proof of the server inside')
      if (!crypto.equal(proof, authenticatorResponse))
        return failed('server-not-verified', { method: 'EAP-TTLS/MSCHAPv2' })
      return { kind: 'say', avps: [], through: true }
    },
    close: nothing,
  }
}

/** RFC 5281 section 11.2.1: EAP within EAP, begun by our identity. */
function createEap({ innerEap }: TtlsOptions): Inner {
  const inner = innerEap()
  const step = async (packet: Uint8Array | undefined): Promise<InnerStep> => {
    const outcome = packet === undefined ? await inner.begin() : await inner.receive(packet)
    if (outcome.kind === 'failed') return outcome
    return { kind: 'say', avps: [avpOf(AvpCode.EAP_MESSAGE, outcome.data)], through: outcome.through }
  }
  return {
    begin: () => step(undefined),
    receive(message) {
      const packet = find(message, AvpCode.EAP_MESSAGE)
      return packet === undefined ? malformed('no EAP inside') : step(packet)
    },
    close: () => inner.close(),
  }
}

export function createTtlsPeer(options: TtlsOptions): EapPeerMethod {
  const tunnel = createTlsTunnel('EAP-TTLS', options.tls, 0)
  const inner = innerOf(options, () => tunnel.exportKeyingMaterial('ttls challenge', 17))
  let begun = false

  const innerStep = async (plaintext: Uint8Array): Promise<InnerStep | undefined> => {
    if (!begun) {
      begun = true
      // RFC 5281 section 7.3: the client begins.
      return plaintext.length > 0 ? malformed('the server speaks first') : inner.begin()
    }
    // With TLS 1.3 there may come what is for TLS alone.
    if (plaintext.length === 0) return undefined
    const message = decode(avps, plaintext)
    const said = await inner.receive(message)
    return said
  }

  const respond = async (data: Uint8Array): Promise<MethodStep> => {
    const step = await tunnel.receive(data)
    if (step.kind === 'failed') return step
    if (step.kind === 'respond') return { kind: 'respond', data: step.data, complete: false }
    const said = await innerStep(step.plaintext)
    step.plaintext.fill(0)
    if (said?.kind === 'failed') return said
    const plaintext = said === undefined || said.avps.length === 0 ? undefined : encode(avps, said.avps)
    const answer = await tunnel.say(plaintext)
    // It may hold the password.
    plaintext?.fill(0)
    for (const one of said?.avps ?? []) one.data.fill(0)
    if ('kind' in answer) return answer
    if (said?.through !== true) return { kind: 'respond', data: answer, complete: false }
    const msk = tlsMasterSessionKey(tunnel, step.version, EapType.TTLS, 'ttls keying material')
    return { kind: 'respond', data: answer, complete: true, msk }
  }

  return {
    async respond(_identifier, data) {
      try {
        return await respond(data)
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

function innerOf(options: TtlsOptions, exportChallenge: () => Uint8Array): Inner {
  switch (options.inner) {
    case 'pap':
      return createPap(options)
    case 'mschapv2':
      return createMschapv2(options, exportChallenge)
    case 'eap-mschapv2':
    case 'gtc':
      return createEap(options)
  }
}
