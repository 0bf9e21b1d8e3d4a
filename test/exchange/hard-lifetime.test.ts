import { describe, expect, it } from 'vitest'
import { millis } from '../../src-shared/brands.ts'
import { proposal, tellStory } from './story.ts'

const minutes = (count: number) => millis(count * 60_000)
const ike = [proposal('ike', 'aes256gcm16-prfsha256-curve25519')]
/** They agree in IKE_AUTH, where ESP has no group, and never afterwards. */
const apart = {
  client: { proposals: { ike, esp: [proposal('esp', 'aes256gcm16')] } },
  gateway: { proposals: { ike, esp: [proposal('esp', 'aes256gcm16-ecp384')] } },
}

describe('a gateway that refuses new keys for good', () => {
  it('is asked again each minute, and the old keys are not used past their hard lifetime', async () => {
    const story = tellStory({ ...apart, clientTimes: { childRekey: minutes(10) } })
    await story.connect()
    story.told()
    await story.pass(minutes(12))
    // HDR, SK {N(REKEY_SA), SA, Ni, TSi, TSr}  -->  <--  HDR, SK {N(NO_PROPOSAL_CHOSEN)}
    const refused = story.told().filter((line) => line.includes('NO_PROPOSAL_CHOSEN'))
    expect(refused.length).toBeGreaterThanOrEqual(2)
    expect(story.client.session.children).toHaveLength(1)
    await story.pass(minutes(1))
    expect(story.client.session.children).toHaveLength(0)
    // No Child SA, no tunnel: the connection is to be dialled anew.
    expect(story.client.closed).toBe('gateway-closed')
  })
})
