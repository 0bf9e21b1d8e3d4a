import { describe, expect, it } from 'vitest'
import { millis } from '../../src-shared/brands.ts'
import { hold } from './meddling.ts'
import type { From, Story } from './story.ts'
import { proposal, tellStory } from './story.ts'
import { agreement, whole } from './traffic.ts'

const connected = async (options: Parameters<typeof tellStory>[0] = {}) => {
  const story = tellStory(options)
  await story.connect()
  story.told()
  return story
}
const rekeyChild = (story: Story, side: From) => {
  const [child] = story[side].session.children
  if (child === undefined) throw new Error('no Child SA')
  story[side].session.rekeyChildOf(child.inboundSpi)
}
const low = new Uint8Array(32)
const high = new Uint8Array(32).fill(0xff)
const request = ({ exchange, response }: { exchange: number; response: boolean }) =>
  exchange === 36 && !response
const answer = ({ exchange, response }: { exchange: number; response: boolean }) =>
  exchange === 36 && response
const deletion = ({ exchange, response }: { exchange: number; response: boolean }) =>
  exchange === 37 && !response

/** What was agreed on still works: each end can ask the other, and the Child SA can be rekeyed under the new IKE SA. */
const worksOn = async (story: Story) => {
  story.told()
  rekeyChild(story, 'client')
  await story.pass(60_000)
  rekeyChild(story, 'gateway')
  await story.pass(60_000)
  expect(story.told().filter((line) => line.includes('CREATE_CHILD_SA'))).toHaveLength(4)
  expect(agreement(story)).toEqual(whole)
}

describe('rekeying the IKE SA', () => {
  it.each(['client', 'gateway'] as const)('begun by the %s', async (side) => {
    const story = await connected()
    const before = story.client.session.sa
    const [child] = story.client.session.children
    story[side].session.rekeyIkeSa()
    await story.settle()
    const [there, back] = side === 'client' ? ['→', '←'] : ['←', '→']
    const id = side === 'client' ? 2 : 0
    expect(story.told()).toEqual([
      // HDR, SK {SA, Ni, KEi}  -->  <--  HDR, SK {SA, Nr, KEr}
      `${there} CREATE_CHILD_SA ${id} SA N KE`,
      `${back} CREATE_CHILD_SA ${id} SA N KE`,
      // HDR, SK {D}  -->  <--  HDR, SK {}: of the old one, on the old one
      `${there} INFORMATIONAL ${id + 1} D(IKE)`,
      `${back} INFORMATIONAL ${id + 1}`,
    ])
    expect(story.client.session.sa).not.toBe(before)
    // What IKE_SA_INIT negotiated goes on to hold: long messages may travel in fragments.
    expect(before?.peer.fragmentSize).toBeDefined()
    for (const end of [story.client, story.gateway])
      expect(end.session.sa?.peer.fragmentSize).toBe(before?.peer.fragmentSize)
    // The Child SA has moved over, untouched.
    expect(story.client.session.children).toEqual([child])
    expect(story.client.effects).toHaveLength(1)
    expect(agreement(story)).toEqual(whole)
    await worksOn(story)
  })

  it('happens by itself, again and again', async () => {
    const story = await connected({ clientTimes: { ikeRekey: millis(3_600_000) } })
    await story.pass(3 * 3_600_000)
    expect(story.told().filter((line) => line.includes('SA N KE')).length).toBeGreaterThanOrEqual(6)
    expect(agreement(story)).toEqual(whole)
    story.close()
    expect(story.clock.pending).toBe(0)
  })

  it('goes on with another suite where both ends now prefer it', async () => {
    const esp = [proposal('esp', 'aes256gcm16')]
    const ike = [proposal('ike', 'aes128-sha256-curve25519')]
    const story = await connected({
      client: { proposals: { ike, esp } },
      gateway: { proposals: { ike, esp } },
    })
    story.gateway.session.rekeyIkeSa()
    await story.settle()
    await worksOn(story)
  })

  it('survives the loss of any one message', async () => {
    for (let lost = 0; lost < 4; lost += 1) {
      const story = await connected({ seed: `lost ${lost}` })
      let count = 0
      story.wire.meddle = (datagram) => ((count += 1) === lost + 1 ? [] : [datagram])
      story.client.session.rekeyIkeSa()
      await story.pass(60_000)
      expect(agreement(story)).toEqual(whole)
      await worksOn(story)
    }
  })
})

describe('both ends rekey the IKE SA at once (RFC 7296 section 2.8.2)', () => {
  it.each([
    ['the client request has the lowest nonce', [low, high, high, high], 'gateway'],
    ['the gateway answer has the lowest nonce', [high, low, high, high], 'gateway'],
    ['the gateway request has the lowest nonce', [high, high, low, high], 'client'],
    ['the client answer has the lowest nonce', [high, high, high, low], 'client'],
  ] as const)('%s', async (_name, [ni1, nr1, ni2, nr2], winner) => {
    const story = await connected()
    story.client.random.force(ni1, nr2)
    story.gateway.random.force(ni2, nr1)
    story.client.session.rekeyIkeSa()
    story.gateway.session.rekeyIkeSa()
    await story.settle()
    // Two Deletes: the winner's of the old one, the loser's of its own.
    expect(story.told().filter((line) => line.includes('D(IKE)'))).toHaveLength(2)
    expect(story[winner].session.sa?.initiator).toBe(true)
    expect(agreement(story)).toEqual(whole)
    await worksOn(story)
  })

  it('the client has its answer late', async () => {
    const story = await connected()
    const late = hold(story, 'gateway', answer)
    story.client.session.rekeyIkeSa()
    story.gateway.session.rekeyIkeSa()
    await story.settle()
    late.release()
    await story.pass(60_000)
    expect(agreement(story)).toEqual(whole)
    await worksOn(story)
  })

  it("the client's request never gets through: the gateway's rekey goes on, and ends it", async () => {
    const story = await connected()
    hold(story, 'client', request)
    story.client.session.rekeyIkeSa()
    story.gateway.session.rekeyIkeSa()
    await story.pass(60_000)
    expect(agreement(story)).toEqual(whole)
  })

  it("the client's request arrives when the gateway has done its rekey", async () => {
    const story = await connected()
    const late = hold(story, 'client', request)
    const goodbye = hold(story, 'gateway', deletion)
    story.client.session.rekeyIkeSa()
    story.gateway.session.rekeyIkeSa()
    await story.settle()
    // → CREATE_CHILD_SA SA N KE   ← N(TEMPORARY_FAILURE): the old one is on its way out
    late.release()
    await story.settle()
    expect(story.told()).toContain('← CREATE_CHILD_SA 2 N(TEMPORARY_FAILURE)')
    goodbye.release()
    await story.pass(120_000)
    expect(agreement(story)).toEqual(whole)
    await worksOn(story)
  })

  it('a later rekey does not remember the rival of an earlier one', async () => {
    const story = await connected()
    const late = hold(story, 'client', request)
    const goodbye = hold(story, 'gateway', deletion)
    story.client.session.rekeyIkeSa()
    story.gateway.session.rekeyIkeSa()
    await story.settle()
    late.release()
    await story.settle()
    goodbye.release()
    await story.pass(120_000)
    // The lowest nonce of all in the client's next rekey: with a rival it would lose.
    story.client.random.force(low)
    const before = story.client.session.sa
    story.client.session.rekeyIkeSa()
    await story.pass(60_000)
    expect(story.client.session.sa).not.toBe(before)
    expect(agreement(story)).toEqual(whole)
    await worksOn(story)
  })

  it('with a Child SA being rekeyed meanwhile: one after the other', async () => {
    for (const [ike, child] of [
      ['client', 'gateway'],
      ['gateway', 'client'],
    ] as const) {
      const story = await connected()
      story[ike].session.rekeyIkeSa()
      rekeyChild(story, child)
      await story.settle()
      // RFC 7296 sections 2.25.1 and 2.25.2: neither gets its way now
      expect(story.told().filter((line) => line.includes('TEMPORARY_FAILURE'))).toHaveLength(2)
      await story.pass(120_000)
      expect(story.told().filter((line) => line.includes('SA N KE')).length).toBeGreaterThanOrEqual(4)
      expect(agreement(story)).toEqual(whole)
    }
  })
})

describe('ending', () => {
  it.each(['client', 'gateway'] as const)('by the %s: the other end knows at once', async (side) => {
    const story = await connected()
    void story[side].session.close()
    await story.settle()
    const [there, back] = side === 'client' ? ['→', '←'] : ['←', '→']
    const id = side === 'client' ? 2 : 0
    expect(story.told()).toEqual([`${there} INFORMATIONAL ${id} D(IKE)`, `${back} INFORMATIONAL ${id}`])
    expect(story[side === 'client' ? 'gateway' : 'client'].closed).toBe('gateway-closed')
    expect(agreement(story).receiving).toEqual([0, 0])
    expect(story.clock.pending).toBe(0)
  })

  it('by both at once', async () => {
    const story = await connected()
    void story.client.session.close()
    void story.gateway.session.close()
    await story.pass(5_000)
    expect(agreement(story).receiving).toEqual([0, 0])
    expect(story.clock.pending).toBe(0)
  })

  it('while the other end rekeys the IKE SA', async () => {
    const story = await connected()
    story.gateway.session.rekeyIkeSa()
    void story.client.session.close()
    await story.pass(30_000)
    expect(story.gateway.closed).toBe('gateway-closed')
    expect(agreement(story).receiving).toEqual([0, 0])
    expect(story.clock.pending).toBe(0)
  })

  it('without an answer does not take long', async () => {
    const story = await connected()
    story.wire.meddle = () => []
    let ended = false
    void story.client.session.close().then(() => (ended = true))
    await story.pass(3_000)
    expect(ended).toBe(true)
    expect(agreement(story).receiving[0]).toBe(0)
  })
})

describe('is anybody there', () => {
  const asking = { clientTimes: { liveness: millis(30_000) } }

  it('is asked only when nothing has come for a while', async () => {
    const story = await connected(asking)
    await story.pass(29_000)
    expect(story.told()).toEqual([])
    await story.pass(2_000)
    // → HDR, SK {}   ← HDR, SK {}
    expect(story.told()).toEqual(['→ INFORMATIONAL 2', '← INFORMATIONAL 2'])
    await story.pass(5 * 60_000)
    expect(story.client.closed).toBeUndefined()
    expect(story.told().length).toBeGreaterThanOrEqual(18)
  })

  it('no: the session ends, not for one lost message but for silence', async () => {
    const story = await connected(asking)
    let lost = 2
    story.wire.meddle = (datagram) => ((lost -= 1) >= 0 ? [] : [datagram])
    await story.pass(60_000)
    expect(story.client.closed).toBeUndefined()
    story.wire.meddle = () => []
    await story.pass(90_000)
    expect(story.client.closed).toBe('gateway-silent')
    expect(agreement(story).receiving[0]).toBe(0)
    // Nobody is told: nobody is there.
    story.gateway.session.abandon()
    expect(story.clock.pending).toBe(0)
  })
})
