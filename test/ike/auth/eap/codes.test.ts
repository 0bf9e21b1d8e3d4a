/** One-time codes: what a gateway asks for besides the password, and that neither is ever taken for the other. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../../../src-main/host/crypto/node-crypto.ts'
import {
  mschapv2Request,
  mschapv2Response,
  mschapv2Values,
  successText,
} from '../../../../src-main/ike/auth/eap/mschapv2.ts'
import { EapType } from '../../../../src-main/ike/auth/eap/packet.ts'
import { createEapPeer } from '../../../../src-main/ike/auth/eap/peer.ts'
import type { EapPeer, EapPeerOptions } from '../../../../src-main/ike/auth/eap/peer.ts'
import { shownText } from '../../../../src-main/ike/auth/eap/simple-peers.ts'
import { decode, encode } from '../../../../src-main/wire/codec.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import { answerOf, eapFailure, eapRequest, eapSuccess, settle } from './tls-story.ts'

const crypto = createCrypto()
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) }
const password = Buffer.from('correct horse')

/** A person who answers each question with the next code. */
function person(...codes: readonly string[]) {
  const asked: string[] = []
  return {
    asked,
    askForCode: (text: string) => {
      asked.push(text)
      const code = codes[asked.length - 1]
      return code === undefined
        ? Promise.reject(new VpnError('cancelled'))
        : Promise.resolve(new Uint8Array(Buffer.from(code)))
    },
  }
}

const peerWith = (options: Partial<EapPeerOptions>): EapPeer =>
  createEapPeer({
    crypto,
    random,
    username: 'maria',
    password,
    allowed: ['mschapv2', 'gtc'],
    serverAuthenticatedBy: 'certificate',
    ...options,
  })
const gtc = (text: string) => eapRequest(EapType.GTC, Buffer.from(text))
const answered = async (peer: EapPeer, request: Uint8Array) =>
  Buffer.from(answerOf(await settle(peer.receive(request)))).toString()

/** MSCHAPv2 up to its good end, as a FortiGate does it before it asks for the token. */
async function proveByMschapv2(peer: EapPeer): Promise<Uint8Array> {
  const challenge = Buffer.alloc(16, 0x11)
  const name = Buffer.from('fortigate')
  const said = answerOf(
    await settle(
      peer.receive(
        eapRequest(
          EapType.MSCHAPV2,
          encode(mschapv2Request, { kind: 'challenge', id: 7, body: { challenge, name } }),
        ),
      ),
    ),
  )
  const response = decode(mschapv2Response, said)
  if (response.kind !== 'response') throw new Error('no response')
  const values = mschapv2Values(crypto, {
    authenticatorChallenge: challenge,
    peerChallenge: response.body.peerChallenge,
    username: 'maria',
    password: Uint8Array.from(password),
  })
  const text = successText(values.authenticatorResponse)
  const success = encode(mschapv2Request, { kind: 'success', id: 7, body: { text } })
  await settle(peer.receive(eapRequest(EapType.MSCHAPV2, success)))
  return values.msk
}

describe('a code', () => {
  it("is asked for in the gateway's words behind MSCHAPv2, as FortiGate does, and the key stays MSCHAPv2's", async () => {
    const { asked, askForCode } = person('123456')
    const peer = peerWith({ allowed: ['mschapv2'], askForCode })
    const msk = await proveByMschapv2(peer)
    expect(await answered(peer, gtc('Please enter your FortiToken code'))).toBe('123456')
    expect(asked).toEqual(['Please enter your FortiToken code'])
    const outcome = await settle(peer.receive(eapSuccess))
    expect(outcome.kind === 'success' && Buffer.from(outcome.msk ?? []).equals(msk)).toBe(true)
  })

  it('may be asked for several times: a new one, the next one', async () => {
    const { asked, askForCode } = person('111111', '222222')
    const peer = peerWith({ askForCode })
    await proveByMschapv2(peer)
    expect(await answered(peer, gtc('Code'))).toBe('111111')
    expect(await answered(peer, gtc('Wait for the next code'))).toBe('222222')
    expect(asked).toEqual(['Code', 'Wait for the next code'])
  })

  it('is what every question behind the password is for; the password is said once and never again', async () => {
    const { asked, askForCode } = person('123456')
    const peer = peerWith({ allowed: ['gtc'], askForCode })
    expect(await answered(peer, gtc('Password: '))).toBe('correct horse')
    expect(await answered(peer, gtc('Password: '))).toBe('123456')
    expect(asked).toEqual(['Password:'])
  })

  it('is not asked of nobody: without a person the conversation ends', async () => {
    const peer = peerWith({ allowed: ['gtc'] })
    await answered(peer, gtc('Password: '))
    expect(peer.receive(gtc('Code'))).toMatchObject({ kind: 'failure', reason: 'wrong-order' })
    const forti = peerWith({ allowed: ['mschapv2'] })
    await proveByMschapv2(forti)
    expect(forti.receive(gtc('Code'))).toMatchObject({ kind: 'failure', reason: 'wrong-order' })
  })

  it('is not asked for before MSCHAPv2 is through', () => {
    const { asked, askForCode } = person('123456')
    const peer = peerWith({ allowed: ['mschapv2'], askForCode })
    const body = { challenge: new Uint8Array(16), name: new Uint8Array(0) }
    peer.receive(eapRequest(EapType.MSCHAPV2, encode(mschapv2Request, { kind: 'challenge', id: 7, body })))
    expect(peer.receive(gtc('Code'))).toMatchObject({ kind: 'failure', reason: 'wrong-order' })
    expect(asked).toEqual([])
  })

  it('that is not given ends it with the reason of whoever did not give it', async () => {
    const { askForCode } = person()
    const peer = peerWith({ allowed: ['gtc'], askForCode })
    await answered(peer, gtc('Password: '))
    await expect(settle(peer.receive(gtc('Code')))).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('that was wrong is said to have been part of it', async () => {
    const { askForCode } = person('000000')
    const peer = peerWith({ askForCode })
    await proveByMschapv2(peer)
    await answered(peer, gtc('Code'))
    expect(peer.receive(eapFailure)).toMatchObject({
      code: 'credentials-refused',
      details: { user: 'maria', code: 'asked for' },
    })
  })
})

describe("a gateway's text", () => {
  it.each([
    ['Enter\r\ncode:\t', 'Enter code:'],
    ['\u001b[2J\u001b]0;x\u0007Code', '[2J ]0;x Code'],
    ['a\u202eb\u2066c\u200bd', 'a b c d'],
    ['  ', ''],
    ['Código', 'Código'],
  ])('%j is shown as %j', (text, shown) => {
    expect(shownText(Buffer.from(text))).toBe(shown)
  })
  it('is short', () => {
    expect(shownText(Buffer.alloc(100_000, 0x41)).length).toBe(300)
    expect(shownText(Buffer.of(0xff, 0xfe, 0x41)).length).toBe(3)
  })
})
