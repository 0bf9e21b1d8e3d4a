import { describe, expect, it } from 'vitest'
import { createCookies } from '../../src-main/ike/v2/cookies.ts'
import { encodeMessage } from '../../src-main/ike/v2/message.ts'
import { notify } from '../../src-main/ike/v2/refusal.ts'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { ikeSpi, messageId } from '../../src-shared/brands.ts'
import { createFakeClock } from '../fakes/fake-clock.ts'
import { createFakeRandom } from '../fakes/fake-random.ts'
import type { OnWire } from './story.ts'
import { proposal, tellStory } from './story.ts'

/** The first words of each line: who said what. */
const short = (lines: readonly string[]) => lines.map((line) => line.split(' ').slice(0, 4).join(' '))

const esp = [proposal('esp', 'aes256gcm16')]
/** A client that guesses P-256 first, and a gateway that wants P-384. */
const otherGroups = {
  client: { proposals: { ike: [proposal('ike', 'aes256gcm16-prfsha384-ecp256-ecp384')], esp } },
  gateway: { proposals: { ike: [proposal('ike', 'aes256gcm16-prfsha384-ecp384')], esp } },
}

describe('the first exchange', () => {
  it('shows the cookie when the gateway asks for it', async () => {
    const story = tellStory({ cookies: () => true })
    await story.connect()
    expect(short(story.told()).slice(0, 4)).toEqual([
      '→ IKE_SA_INIT 0 SA',
      // ← HDR, N(COOKIE): nothing is remembered
      '← cookie-demanded',
      // → HDR, N(COOKIE), SAi1, KEi, Ni: the same nonce and SPI, the cookie first
      '→ IKE_SA_INIT 0 N(COOKIE)',
      '← IKE_SA_INIT 0 agreed',
    ])
  })

  it('takes the group that the gateway wants', async () => {
    const story = tellStory(otherGroups)
    await story.connect()
    expect(short(story.told()).slice(0, 4)).toEqual([
      '→ IKE_SA_INIT 0 SA',
      // ← HDR, N(INVALID_KE_PAYLOAD, 20)
      '← other-group',
      '→ IKE_SA_INIT 0 SA',
      '← IKE_SA_INIT 0 agreed',
    ])
    expect(story.client.session.sa?.suite.group).toBe('ecp384')
  })

  it('keeps the cookie when the group is refused afterwards', async () => {
    const story = tellStory({ ...otherGroups, cookies: () => true })
    await story.connect()
    expect(short(story.told()).slice(0, 6)).toEqual([
      '→ IKE_SA_INIT 0 SA',
      '← cookie-demanded',
      '→ IKE_SA_INIT 0 N(COOKIE)',
      '← other-group',
      // RFC 7296 section 2.6.1: the cookie again, so that no third round is needed
      '→ IKE_SA_INIT 0 N(COOKIE)',
      '← IKE_SA_INIT 0 agreed',
    ])
  })

  it('shows the cookie when it is asked for only after the group is refused', async () => {
    let asked = 0
    const story = tellStory({ ...otherGroups, cookies: () => (asked += 1) > 1 })
    await story.connect()
    expect(short(story.told()).slice(0, 6)).toEqual([
      '→ IKE_SA_INIT 0 SA',
      '← other-group',
      '→ IKE_SA_INIT 0 SA',
      '← cookie-demanded',
      '→ IKE_SA_INIT 0 N(COOKIE)',
      '← IKE_SA_INIT 0 agreed',
    ])
  })

  it('does not run in circles for a gateway that always wants another cookie', async () => {
    const story = tellStory()
    // ← HDR, N(COOKIE, something new each time)
    let round = 0
    story.wire.meddle = (datagram) => {
      if (datagram.from === 'gateway') return [datagram]
      const [answer = new Uint8Array()] = encodeMessage({
        header: {
          initiatorSpi: datagram.header?.initiatorSpi ?? ikeSpi(0n),
          responderSpi: ikeSpi(0n),
          exchange: 34,
          initiator: false,
          response: true,
          messageId: messageId(0),
        },
        payloads: [notify(16390, Uint8Array.of((round += 1)))],
      })
      return [{ from: 'gateway', bytes: answer, header: undefined }]
    }
    story.dial()
    await story.pass(60_000)
    expect(story.result.failure).toMatchObject({ code: 'protocol-violation' })
    expect(round).toBeLessThanOrEqual(8)
    expect(story.clock.pending).toBe(0)
  })

  it('repeats itself until somebody answers', async () => {
    const story = tellStory()
    let lost = 3
    story.wire.meddle = (datagram) => ((lost -= 1) >= 0 ? [] : [datagram])
    story.dial()
    await story.pass(10_000)
    expect(story.result.connected).toBeDefined()
    const first = story.wire.sent.filter(({ from, header }) => from === 'client' && header?.exchange === 34)
    expect(first).toHaveLength(4)
    expect(new Set(first.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).size).toBe(1)
  })

  it('says that nobody answers, and leaves nothing behind', async () => {
    const story = tellStory()
    story.wire.meddle = () => []
    story.dial()
    await story.pass(60_000)
    expect(story.result.failure).toMatchObject({ code: 'gateway-unreachable' })
    expect(story.clock.pending).toBe(0)
  })

  it('waits for the real gateway when somebody else says no first', async () => {
    const story = tellStory()
    story.wire.meddle = (datagram): readonly OnWire[] => {
      if (datagram.from === 'gateway' || datagram.header?.exchange !== 34) return [datagram]
      // A forger who sees the SPI answers before the gateway can: N(NO_PROPOSAL_CHOSEN)
      const [forged = new Uint8Array()] = encodeMessage({
        header: {
          initiatorSpi: datagram.header.initiatorSpi,
          responderSpi: ikeSpi(0n),
          exchange: 34,
          initiator: false,
          response: true,
          messageId: messageId(0),
        },
        payloads: [notify(14)],
      })
      return [{ from: 'gateway', bytes: forged, header: undefined }, datagram]
    }
    await story.connect()
    expect(story.result.connected).toBeDefined()
  })

  it('gets the same answer when it is repeated, and one IKE SA', async () => {
    const story = tellStory()
    // The answer to IKE_SA_INIT is lost twice, the one to IKE_AUTH once.
    let lost = 0
    story.wire.meddle = (datagram) => {
      if (datagram.from === 'client' || (lost += 1) === 3 || lost > 4) return [datagram]
      return []
    }
    story.dial()
    await story.pass(20_000)
    expect(story.result.connected).toBeDefined()
    const answers = story.wire.sent.filter(({ from }) => from === 'gateway')
    expect(new Set(answers.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).size).toBe(2)
    expect(story.gateway.effects).toHaveLength(1)
    expect(story.client.effects).toHaveLength(1)
  })

  it('is deaf to what is not protected once there are keys', async () => {
    const story = tellStory()
    await story.connect()
    const { initiatorSpi, responderSpi } = story.client.session.sa ?? {}
    // ← HDR, N(AUTHENTICATION_FAILED), D: from someone who knows the SPIs alone
    for (const response of [false, true]) {
      const [forged = new Uint8Array()] = encodeMessage({
        header: {
          initiatorSpi: initiatorSpi ?? ikeSpi(0n),
          responderSpi: responderSpi ?? ikeSpi(0n),
          exchange: 37,
          initiator: false,
          response,
          messageId: messageId(0),
        },
        payloads: [notify(24), { type: 'delete', protocol: 1, spis: [] }],
      })
      story.inject('gateway', forged)
    }
    await story.pass(1_000)
    expect(story.client.closed).toBeUndefined()
    expect(story.client.drops).toHaveLength(2)
    expect(story.told().slice(4)).toEqual([])
  })

  it('is deaf to its own messages sent back', async () => {
    const story = tellStory()
    await story.connect()
    for (const { bytes } of story.wire.sent.filter(({ from }) => from === 'client'))
      story.inject('gateway', bytes)
    await story.pass(1_000)
    expect(story.client.closed).toBeUndefined()
    expect(story.told().slice(4)).toEqual([])
  })

  it('costs the gateway an answer at most, whatever the bytes', async () => {
    const story = tellStory()
    story.dial()
    const random = createFakeRandom('garbage')
    const [first = new Uint8Array()] = story.wire.sent.map(({ bytes }) => bytes)
    await story.settle()
    const before = story.acceptances.length
    for (let round = 0; round < 300; round += 1) {
      const bytes = first.slice(0, round % 3 === 0 ? (random.bytes(1)[0] ?? 0) : first.length)
      const at = ((random.bytes(1)[0] ?? 0) * 256 + (random.bytes(1)[0] ?? 0)) % Math.max(1, bytes.length)
      if (bytes.length > 0) bytes[at] = random.bytes(1)[0] ?? 0
      story.inject('client', bytes)
    }
    await story.settle()
    expect(story.acceptances.length).toBe(before)
    expect(story.gateway.closed).toBeUndefined()
  })
})

describe('cookies', () => {
  const subject = (address = '192.0.2.1', spi = 7n) => ({
    nonce: new Uint8Array(32).fill(9),
    from: { address, port: 500 },
    initiatorSpi: ikeSpi(spi),
  })
  const make = () => {
    const clock = createFakeClock()
    return { clock, cookies: createCookies({ clock, crypto: createCrypto(), random: createFakeRandom('c') }) }
  }

  it('are good for the address, the SPI and the nonce that they were made for', () => {
    const { cookies } = make()
    const cookie = cookies.make(subject())
    expect(cookies.isGood(subject(), cookie)).toBe(true)
    expect(cookies.isGood({ ...subject(), from: { address: '192.0.2.1', port: 4500 } }, cookie)).toBe(true)
    expect(cookies.isGood(subject('192.0.2.2'), cookie)).toBe(false)
    expect(cookies.isGood(subject('192.0.2.1', 8n), cookie)).toBe(false)
    expect(cookies.isGood({ ...subject(), nonce: new Uint8Array(32) }, cookie)).toBe(false)
    expect(cookies.isGood(subject(), cookie.subarray(1))).toBe(false)
  })

  it('are good across one change of the secret and not for ever', async () => {
    const { clock, cookies } = make()
    const cookie = cookies.make(subject())
    await clock.pass(61_000)
    expect(cookies.isGood(subject(), cookie)).toBe(true)
    await clock.pass(61_000)
    expect(cookies.isGood(subject(), cookie)).toBe(false)
  })
})
