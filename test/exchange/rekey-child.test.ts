import { describe, expect, it } from 'vitest'
import { espProposalsToWire } from '../../src-main/ike/proposals.ts'
import { millis } from '../../src-shared/brands.ts'
import { deleteFirstChild, hold } from './meddling.ts'
import { proposal, selector, tellStory } from './story.ts'
import type { From, Story } from './story.ts'
import { agreement, exchangePackets, whole } from './traffic.ts'

const minutes = (count: number) => millis(count * 60_000)
/** A side draws its own nonce first, and then the one for its answer. */
const twoDraws = (first: Uint8Array, second: Uint8Array) => [first, second]

const connected = async (options: Parameters<typeof tellStory>[0] = {}) => {
  const story = tellStory(options)
  await story.connect()
  story.told()
  return story
}
const rekey = (story: Story, side: From) => {
  const [child] = story[side].session.children
  if (child === undefined) throw new Error('no Child SA')
  story[side].session.rekeyChildOf(child.inboundSpi)
}
/** What is late on a replaced Child SA is heard for so long. */
const lateMs = 5_000
const low = new Uint8Array(32)
const high = new Uint8Array(32).fill(0xff)

describe('rekeying the Child SA', () => {
  it.each(['client', 'gateway'] as const)('begun by the %s', async (side) => {
    const story = await connected()
    const before = story.client.session.children[0]
    rekey(story, side)
    await story.settle()
    const [there, back] = side === 'client' ? ['→', '←'] : ['←', '→']
    const id = side === 'client' ? 2 : 0
    expect(story.told()).toEqual([
      // HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi, TSr}  -->  <--  HDR, SK {SA, Nr, KEr, TSi, TSr}
      `${there} CREATE_CHILD_SA ${id} N(REKEY_SA) SA N KE TSi TSr`,
      `${back} CREATE_CHILD_SA ${id} SA N KE TSi TSr`,
      // HDR, SK {D}  -->  <--  HDR, SK {D}
      `${there} INFORMATIONAL ${id + 1} D(ESP)`,
      `${back} INFORMATIONAL ${id + 1} D(ESP)`,
    ])
    await story.pass(lateMs)
    expect(agreement(story)).toEqual(whole)
    expect(story.client.session.children[0]).not.toBe(before)
    expect(story.client.session.children[0]?.local).toEqual(before?.local)
    expect(story.client.session.children[0]?.remote).toEqual(before?.remote)
  })

  it('hears on the old one for a moment what its Delete has overtaken', async () => {
    const story = await connected()
    rekey(story, 'client')
    await story.settle()
    expect(agreement(story)).toEqual({ ...whole, receiving: [2, 2] })
    await story.pass(lateMs - 100)
    expect(agreement(story).receiving).toEqual([2, 2])
    await story.pass(200)
    expect(agreement(story)).toEqual(whole)
  })

  it('leaves nothing of the old one when the session ends meanwhile', async () => {
    const story = await connected()
    rekey(story, 'client')
    await story.settle()
    story.client.session.abandon()
    expect(agreement(story).receiving).toEqual([0, 2])
  })

  it('works without perfect forward secrecy, where that is what is configured', async () => {
    const esp = [proposal('esp', 'aes256gcm16')]
    const ike = [proposal('ike', 'aes256gcm16-prfsha256-curve25519')]
    const story = await connected({
      client: { proposals: { ike, esp } },
      gateway: { proposals: { ike, esp } },
    })
    rekey(story, 'client')
    await story.settle()
    expect(story.told()[0]).toBe('→ CREATE_CHILD_SA 2 N(REKEY_SA) SA N TSi TSr')
    await story.pass(lateMs)
    expect(agreement(story)).toEqual(whole)
  })

  it('takes the group that the other side wants', async () => {
    const ike = [proposal('ike', 'aes256gcm16-prfsha256-curve25519')]
    const story = await connected({
      client: { proposals: { ike, esp: [proposal('esp', 'aes256gcm16-ecp256-ecp384')] } },
      gateway: { proposals: { ike, esp: [proposal('esp', 'aes256gcm16-ecp384')] } },
    })
    rekey(story, 'client')
    await story.settle()
    expect(story.told()).toEqual([
      '→ CREATE_CHILD_SA 2 N(REKEY_SA) SA N KE TSi TSr',
      '← CREATE_CHILD_SA 2 N(INVALID_KE_PAYLOAD)',
      '→ CREATE_CHILD_SA 3 N(REKEY_SA) SA N KE TSi TSr',
      '← CREATE_CHILD_SA 3 SA N KE TSi TSr',
      '→ INFORMATIONAL 4 D(ESP)',
      '← INFORMATIONAL 4 D(ESP)',
    ])
    await story.pass(lateMs)
    expect(agreement(story)).toEqual(whole)
  })

  it('happens by itself when the time has come', async () => {
    const story = await connected({ clientTimes: { childRekey: minutes(60) } })
    await story.pass(53 * 60_000)
    expect(story.told()).toEqual([])
    await story.pass(8 * 60_000)
    expect(story.told()).toHaveLength(4)
    expect(agreement(story)).toEqual(whole)
  })

  it('lets every packet through at every moment', async () => {
    const story = await connected()
    const seen: boolean[] = []
    story.wire.meddle = (datagram) => {
      exchangePackets(story)
      const now = agreement(story).passes
      seen.push(now.in && now.out)
      return [datagram]
    }
    for (const side of ['client', 'gateway', 'client'] as const) {
      rekey(story, side)
      await story.settle()
    }
    expect(seen).toHaveLength(12)
    expect(seen.every(Boolean)).toBe(true)
  })
})

describe('both ends rekey the Child SA at once (RFC 7296 section 2.8.1)', () => {
  /** The nonces of: the client's request, the gateway's answer to it, the gateway's request, the client's answer to it. */
  it.each([
    ['the client request has the lowest nonce', [low, high, high, high], 'gateway'],
    ['the gateway answer has the lowest nonce', [high, low, high, high], 'gateway'],
    ['the gateway request has the lowest nonce', [high, high, low, high], 'client'],
    ['the client answer has the lowest nonce', [high, high, high, low], 'client'],
  ] as const)('%s', async (_name, [ni1, nr1, ni2, nr2], winner) => {
    const story = await connected()
    story.client.random.force(...twoDraws(ni1, nr2))
    story.gateway.random.force(...twoDraws(ni2, nr1))
    rekey(story, 'client')
    rekey(story, 'gateway')
    await story.settle()
    const told = story.told()
    expect(told.slice(0, 4).sort()).toEqual(
      [
        '→ CREATE_CHILD_SA 2 N(REKEY_SA) SA N KE TSi TSr',
        '← CREATE_CHILD_SA 0 N(REKEY_SA) SA N KE TSi TSr',
        '→ CREATE_CHILD_SA 0 SA N KE TSi TSr',
        '← CREATE_CHILD_SA 2 SA N KE TSi TSr',
      ].sort(),
    )
    // The loser deletes its own, the winner the old one.
    expect(told.slice(4).filter((line) => line.includes('D(ESP)'))).toHaveLength(4)
    await story.pass(lateMs)
    expect(agreement(story)).toEqual(whole)
    // The one that stays was asked for by the winner.
    const stays = story[winner].effects.find(
      (effect) =>
        effect.kind === 'install' &&
        effect.child.inboundSpi === story[winner].session.children[0]?.inboundSpi,
    )
    expect(stays).toBeDefined()
  })

  it('the second request arrives when the first is answered and done', async () => {
    const story = await connected()
    // The gateway's request is held back until the client has rekeyed and deleted the old one.
    const held = hold(story, 'gateway', ({ exchange, response }) => exchange === 36 && !response)
    rekey(story, 'gateway')
    rekey(story, 'client')
    await story.settle()
    held.release()
    await story.pass(60_000)
    // ← CREATE_CHILD_SA N(REKEY_SA, old)   → N(CHILD_SA_NOT_FOUND)
    expect(story.told()).toContain('→ CREATE_CHILD_SA 0 N(CHILD_SA_NOT_FOUND)')
    expect(agreement(story)).toEqual(whole)
  })

  it('the second request arrives while the old one is being deleted', async () => {
    const story = await connected()
    const request = hold(story, 'gateway', ({ exchange, response }) => exchange === 36 && !response)
    const deletion = hold(story, 'client', ({ exchange, response }) => exchange === 37 && !response)
    rekey(story, 'gateway')
    rekey(story, 'client')
    await story.settle()
    request.release()
    await story.settle()
    // RFC 7296 section 2.25.1
    expect(story.told()).toContain('→ CREATE_CHILD_SA 0 N(TEMPORARY_FAILURE)')
    deletion.release()
    await story.pass(60_000)
    expect(agreement(story)).toEqual(whole)
  })

  it('the client has its answer late: the gateway knows more than it does', async () => {
    const story = await connected()
    const answer = hold(story, 'gateway', ({ exchange, response }) => exchange === 36 && response)
    rekey(story, 'gateway')
    rekey(story, 'client')
    await story.settle()
    answer.release()
    await story.pass(60_000)
    expect(agreement(story)).toEqual(whole)
  })
})

describe('rekeying and deleting at once', () => {
  it('the gateway deletes what the client rekeys: the client asks for a new one', async () => {
    const story = await connected()
    const request = hold(story, 'client', ({ exchange, response }) => exchange === 36 && !response)
    rekey(story, 'client')
    await story.settle()
    // ← INFORMATIONAL D(ESP)
    deleteFirstChild(story, 'gateway')
    await story.settle()
    request.release()
    await story.pass(60_000)
    expect(story.client.session.children).toHaveLength(1)
    expect(agreement(story)).toEqual(whole)
  })

  it('both delete the old one at once: neither minds', async () => {
    const story = await connected()
    const [old] = story.gateway.session.children
    const deletion = hold(story, 'client', ({ exchange, response }) => exchange === 37 && !response)
    rekey(story, 'client')
    await story.settle()
    // ← INFORMATIONAL D(ESP, old), while the client's own is on its way
    expect(story.gateway.session.children[0]).toBe(old)
    deleteFirstChild(story, 'gateway')
    await story.settle()
    // RFC 7296 section 1.4.1: the answer does not name what its sender deletes already
    expect(story.told().at(-1)).toBe('→ INFORMATIONAL 0')
    deletion.release()
    await story.pass(60_000)
    expect(agreement(story)).toEqual(whole)
  })

  it('a Child SA that nobody knows is not found', async () => {
    const story = await connected()
    // → CREATE_CHILD_SA N(REKEY_SA, of nobody)
    const answer = story.client.session.sa?.peer.request(
      36,
      [
        {
          type: 'notify',
          protocol: 3,
          spi: Uint8Array.of(1, 2, 3, 4),
          notify: 16393,
          data: new Uint8Array(),
        },
        {
          type: 'sa',
          proposals: espProposalsToWire([proposal('esp', 'aes256gcm16')], Uint8Array.of(1, 2, 3, 9)),
        },
        { type: 'nonce', data: new Uint8Array(32) },
        { type: 'ts-initiator', selectors: [selector('10.9.0.2/32')] },
        { type: 'ts-responder', selectors: [selector('10.20.0.0/24')] },
      ],
      { retransmission: { firstMs: 1000, factor: 1, capMs: 1000, giveUpMs: 5000 } },
    )
    await story.settle()
    const { message } = (await answer) ?? {}
    expect(message?.payloads).toMatchObject([{ type: 'notify', notify: 44, spi: Uint8Array.of(1, 2, 3, 4) }])
    expect(agreement(story)).toEqual(whole)
  })
})
