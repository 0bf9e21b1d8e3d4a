import { describe, expect, it } from 'vitest'
import { VpnError } from '../../src-shared/errors.ts'
import { keysAgree, tellStory, utf8 } from './story.ts'

describe('connecting with a pre-shared key', () => {
  it('takes two exchanges and gives both ends the same keys', async () => {
    const story = tellStory()
    const connected = await story.connect()
    expect(story.told()).toEqual([
      // → HDR, SAi1, KEi, Ni, N(NAT_DETECTION_*), …
      '→ IKE_SA_INIT 0 SA KE N N(NAT_DETECTION_SOURCE_IP) N(NAT_DETECTION_DESTINATION_IP) N(IKEV2_FRAGMENTATION_SUPPORTED) N(SIGNATURE_HASH_ALGORITHMS)',
      // ← HDR, SAr1, KEr, Nr, …
      '← IKE_SA_INIT 0 agreed',
      // → HDR, SK {IDi, AUTH, IDr, N(INITIAL_CONTACT), CP, SAi2, TSi, TSr}
      '→ IKE_AUTH 1 IDi AUTH IDr N(INITIAL_CONTACT) CP SA TSi TSr',
      // ← HDR, SK {IDr, AUTH, CP, SAr2, TSi, TSr}
      '← IKE_AUTH 1 IDr AUTH CP SA TSi TSr',
    ])
    expect(connected.assigned.addresses).toEqual([{ address: '10.9.0.2', length: 32 }])
    expect(connected.assigned.dnsDomains).toEqual(['office.test'])
    expect(story.state.moved).toBe(true)
    expect(story.acceptances).toMatchObject([{ kind: 'established', client: { name: 'maria@example.test' } }])
    expect(keysAgree(story.client.effects[0], story.gateway.effects[0])).toBe(true)
    story.close()
    expect(story.clock.pending).toBe(0)
  })

  it('tells the client nothing but no when the secret is wrong', async () => {
    const story = tellStory({ gateway: { clients: { psk: () => utf8('another') } } })
    story.dial()
    await story.pass(1_000)
    expect(story.result.failure).toBeInstanceOf(VpnError)
    expect(story.result.failure).toMatchObject({ code: 'authentication-refused' })
    expect(story.told().slice(3, 4)).toEqual(['← IKE_AUTH 1 N(AUTHENTICATION_FAILED)'])
    expect(story.acceptances).toEqual([
      { kind: 'refused', reason: 'shared secret', who: 'maria@example.test' },
    ])
    expect(story.gateway.session.sa).toBeUndefined()
  })
})
