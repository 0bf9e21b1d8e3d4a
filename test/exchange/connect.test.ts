import { describe, expect, it } from 'vitest'
import { VpnError } from '../../src-shared/errors.ts'
import { millis } from '../../src-shared/brands.ts'
import { Exchange } from '../../src-main/ike/v2/code-points.ts'
import { patience } from '../../src-main/ike/v2/peer.ts'
import { authLifetimeNotify } from '../../src-main/ike/v2/exchanges/first-child.ts'
import { createFakePki } from '../fakes/fake-trust.ts'
import type { StoryOptions } from './story.ts'
import { identity, keysAgree, proposal, selector, tellStory, utf8 } from './story.ts'

const init = [
  // → HDR, SAi1, KEi, Ni, N(NAT_DETECTION_*), …
  '→ IKE_SA_INIT 0 SA KE N N(NAT_DETECTION_SOURCE_IP) N(NAT_DETECTION_DESTINATION_IP) N(IKEV2_FRAGMENTATION_SUPPORTED) N(SIGNATURE_HASH_ALGORITHMS)',
  // ← HDR, SAr1, KEr, Nr, …
  '← IKE_SA_INIT 0 agreed',
]

describe('connecting with a pre-shared key', () => {
  it('takes two exchanges and gives both ends the same keys', async () => {
    const story = tellStory()
    const connected = await story.connect()
    expect(story.told()).toEqual([
      ...init,
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

  it('narrows what the client wants to what the gateway has', async () => {
    const story = tellStory({
      client: { traffic: { local: [], remote: [selector('10.0.0.0/8'), selector('192.168.0.0/16')] } },
    })
    const { child } = await story.connect()
    expect(child.local).toEqual([selector('10.9.0.2/32')])
    expect(child.remote).toEqual([selector('10.20.0.0/24')])
  })

  it('tells the client nothing but no when the secret is wrong', async () => {
    const story = tellStory({ gateway: { clients: { psk: () => utf8('another') } } })
    story.dial()
    await story.pass(1_000)
    expect(story.result.failure).toMatchObject({ code: 'authentication-refused' })
    expect(story.told()[3]).toBe('← IKE_AUTH 1 N(AUTHENTICATION_FAILED)')
    expect(story.acceptances).toEqual([
      { kind: 'refused', reason: 'shared secret', who: 'maria@example.test' },
    ])
    expect(story.gateway.session.sa).toBeUndefined()
  })

  it('says the very same to one whom it does not know', async () => {
    const story = tellStory({ gateway: { clients: { psk: () => undefined } } })
    story.dial()
    await story.pass(1_000)
    expect(story.told()[3]).toBe('← IKE_AUTH 1 N(AUTHENTICATION_FAILED)')
  })

  it('does not believe a gateway with another secret, and tells it so', async () => {
    const story = tellStory({
      client: {
        remote: { method: 'psk', secret: () => Promise.resolve(utf8('what the gateway should know')) },
      },
    })
    story.dial()
    await story.pass(1_000)
    expect(story.result.failure).toMatchObject({ code: 'gateway-not-authenticated' })
    expect(story.client.effects).toEqual([])
    // → HDR, SK {N(AUTHENTICATION_FAILED)}: RFC 7296 section 2.21.2
    expect(story.told().slice(4)).toEqual(['→ INFORMATIONAL 2 N(AUTHENTICATION_FAILED)', '← INFORMATIONAL 2'])
    expect(story.gateway.closed).toBe('gateway-closed')
  })

  it('does not believe a gateway that is somebody else', async () => {
    const story = tellStory({ gateway: { localIdentity: identity('other.example.test') } })
    story.dial()
    await story.pass(1_000)
    expect(story.result.failure).toMatchObject({
      code: 'gateway-not-authenticated',
      details: { expected: 'vpn.example.test', claimed: 'other.example.test' },
    })
  })

  it('hands on when the gateway wants to see the client again', async () => {
    const story = tellStory({ gateway: { authLifetime: millis(3_600_000) } })
    await story.connect()
    expect(story.client.authLifetimes).toEqual([3_600_000])
    expect(story.told()[3]).toBe('← IKE_AUTH 1 IDr AUTH CP SA TSi TSr N(AUTH_LIFETIME)')
  })

  it('hands on what the gateway says of it later', async () => {
    const story = tellStory()
    await story.connect()
    expect(story.client.authLifetimes).toEqual([])
    // ← INFORMATIONAL N(AUTH_LIFETIME)
    void story.gateway.session.sa?.peer.request(Exchange.INFORMATIONAL, [authLifetimeNotify(600_000)], {
      retransmission: patience.established,
    })
    await story.pass(10)
    expect(story.client.authLifetimes).toEqual([600_000])
    expect(story.told().slice(-2)).toEqual(['← INFORMATIONAL 0 N(AUTH_LIFETIME)', '→ INFORMATIONAL 0'])
  })
})

describe('no agreement', () => {
  const failureOf = async (options: StoryOptions) => {
    const story = tellStory(options)
    story.dial()
    await story.pass(2_000)
    return { failure: story.result.failure, story }
  }

  it('about the IKE SA', async () => {
    const { failure } = await failureOf({
      client: {
        proposals: {
          ike: [proposal('ike', 'aes128-sha256-modp2048')],
          esp: [proposal('esp', 'aes256gcm16')],
        },
      },
      gateway: {
        proposals: {
          ike: [proposal('ike', 'aes256gcm16-prfsha384-ecp384')],
          esp: [proposal('esp', 'aes256gcm16')],
        },
      },
    })
    expect(failure).toMatchObject({ code: 'no-common-proposal' })
  })

  it('about the Child SA: the IKE SA stands until the client lets go of it', async () => {
    const { failure, story } = await failureOf({
      client: {
        proposals: {
          ike: [proposal('ike', 'aes256gcm16-prfsha256-curve25519')],
          esp: [proposal('esp', 'aes128-sha256')],
        },
      },
      gateway: {
        proposals: {
          ike: [proposal('ike', 'aes256gcm16-prfsha256-curve25519')],
          esp: [proposal('esp', 'aes256gcm16')],
        },
      },
    })
    expect(failure).toMatchObject({ code: 'no-common-proposal' })
    expect(story.told()[3]).toBe('← IKE_AUTH 1 IDr AUTH N(NO_PROPOSAL_CHOSEN)')
    expect(story.acceptances).toMatchObject([{ kind: 'established', refusal: 14, child: undefined }])
    expect(story.gateway.closed).toBe('gateway-closed')
  })

  it('about the traffic', async () => {
    const { failure } = await failureOf({
      client: { traffic: { local: [], remote: [selector('172.16.0.0/12')] } },
    })
    expect(failure).toMatchObject({ code: 'no-common-traffic' })
  })

  it('about addresses: a client that wants none is not let in without', async () => {
    const { failure } = await failureOf({
      client: {
        virtualAddress: { ipv4: false, ipv6: false },
        traffic: { local: [selector('192.0.2.10/32')], remote: [selector('0.0.0.0/0')] },
      },
    })
    expect(failure).toMatchObject({ code: 'no-address', details: { notify: 'FAILED_CP_REQUIRED' } })
  })
})

describe('connecting with certificates', () => {
  const withCertificates = (gatewayName: string, clientName: string, size?: number): StoryOptions => {
    const pki = createFakePki()
    const gateway = pki.issue(gatewayName, size)
    const client = pki.issue(clientName, size)
    return {
      client: {
        local: { method: 'signature', key: client.key, certificates: [client.certificate] },
        remote: { method: 'signature', trust: pki.trust },
      },
      gateway: {
        local: { method: 'signature', key: gateway.key, certificates: [gateway.certificate] },
        clients: { signature: { trust: pki.trust, admits: () => true } },
      },
    }
  }

  it('proves both sides by signature', async () => {
    const story = tellStory(withCertificates('vpn.example.test', 'maria@example.test'))
    await story.connect()
    expect(story.told().slice(2)).toEqual([
      // → HDR, SK {IDi, CERT, AUTH, CERTREQ, IDr, …}
      '→ IKE_AUTH 1 IDi CERT AUTH CERTREQ IDr N(INITIAL_CONTACT) CP SA TSi TSr',
      // ← HDR, SK {IDr, CERT, AUTH, …}
      '← IKE_AUTH 1 IDr CERT AUTH CP SA TSi TSr',
    ])
    expect(story.acceptances).toMatchObject([{ kind: 'established', client: { method: 'signature' } }])
  })

  it('carries certificates that no datagram could, in fragments', async () => {
    const story = tellStory(withCertificates('vpn.example.test', 'maria@example.test', 6_000))
    await story.connect()
    // RFC 7383: several datagrams with Encrypted Fragment payloads (53), none larger than IPv6's minimum allows.
    const fragments = story.wire.sent.filter(({ header }) => header?.nextPayload === 53)
    expect(fragments.filter(({ from }) => from === 'client').length).toBeGreaterThanOrEqual(5)
    expect(fragments.filter(({ from }) => from === 'gateway').length).toBeGreaterThanOrEqual(5)
    expect(Math.max(...fragments.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(1280)
  })

  it('survives the loss of any one fragment', async () => {
    const story = tellStory(withCertificates('vpn.example.test', 'maria@example.test', 3_000))
    // Each datagram is lost the first time it is sent.
    const seen = new Set<string>()
    story.wire.meddle = (datagram) => {
      const key = `${datagram.from} ${Buffer.from(datagram.bytes).toString('base64')}`
      const first = !seen.has(key)
      seen.add(key)
      return first && seen.size % 2 === 0 ? [] : [datagram]
    }
    story.dial()
    await story.pass(30_000)
    expect(story.result.connected).toBeDefined()
  })

  it('refuses a client whose certificate names another', async () => {
    const story = tellStory(withCertificates('vpn.example.test', 'eve@example.test'))
    story.dial()
    await story.pass(1_000)
    expect(story.result.failure).toMatchObject({ code: 'authentication-refused' })
    expect(story.acceptances).toMatchObject([{ kind: 'refused', reason: 'certificate-wrong-name' }])
  })

  it('refuses a gateway whose certificate names another', async () => {
    const story = tellStory(withCertificates('other.example.test', 'maria@example.test'))
    story.dial()
    await story.pass(1_000)
    expect(story.result.failure).toMatchObject({ code: 'certificate-wrong-name' })
  })
})

describe('connecting with a password (EAP)', () => {
  const withEap = (
    method: 'mschapv2' | 'gtc' | 'md5',
    password = 'correct horse',
    allowed = [method],
  ): StoryOptions => {
    const pki = createFakePki()
    const gateway = pki.issue('vpn.example.test')
    return {
      client: {
        local: {
          method: 'eap',
          username: 'maria',
          password: () => Promise.resolve(utf8(password)),
          allow: allowed,
        },
        remote: { method: 'signature', trust: pki.trust },
      },
      gateway: {
        local: { method: 'signature', key: gateway.key, certificates: [gateway.certificate] },
        clients: {
          eap: {
            methods: [method],
            password: (name) => (name === 'maria' ? utf8('correct horse') : undefined),
          },
        },
      },
    }
  }

  it('proves the gateway by certificate, then the user by MSCHAPv2, then both by its key', async () => {
    const story = tellStory(withEap('mschapv2'))
    await story.connect()
    expect(story.told().slice(2)).toEqual([
      // → HDR, SK {IDi, CERTREQ, IDr, …}: no AUTH, so EAP is wanted
      '→ IKE_AUTH 1 IDi CERTREQ IDr N(INITIAL_CONTACT) CP SA TSi TSr',
      // ← HDR, SK {IDr, CERT, AUTH, EAP(identity?)}
      '← IKE_AUTH 1 IDr CERT AUTH EAP',
      // identity, challenge, response, success
      '→ IKE_AUTH 2 EAP',
      '← IKE_AUTH 2 EAP',
      '→ IKE_AUTH 3 EAP',
      '← IKE_AUTH 3 EAP',
      '→ IKE_AUTH 4 EAP',
      // EAP-Success
      '← IKE_AUTH 4 EAP',
      // AUTH with the MSK, on both sides
      '→ IKE_AUTH 5 AUTH',
      '← IKE_AUTH 5 AUTH CP SA TSi TSr',
    ])
    expect(story.acceptances).toMatchObject([
      { kind: 'established', client: { method: 'eap', name: 'maria' } },
    ])
    expect(keysAgree(story.client.effects[0], story.gateway.effects[0])).toBe(true)
  })

  it.each(['gtc', 'md5'] as const)('works with %s, which makes no key of its own', async (method) => {
    const story = tellStory(withEap(method))
    await story.connect()
    expect(story.acceptances).toMatchObject([{ kind: 'established', client: { method: 'eap' } }])
  })

  it.each(['mschapv2', 'gtc', 'md5'] as const)('refuses a wrong password with %s', async (method) => {
    const story = tellStory(withEap(method, 'wrong'))
    story.dial()
    await story.pass(1_000)
    expect(story.result.failure).toMatchObject({ code: 'credentials-refused' })
    // After MSCHAPv2's Failure the client does not wait to be turned away (RFC 2759 section 6).
    expect(story.acceptances).toMatchObject([
      method === 'mschapv2'
        ? { kind: 'given-up', who: 'maria@example.test' }
        : { kind: 'refused', reason: 'wrong-credentials', who: 'maria' },
    ])
    expect(story.gateway.effects).toEqual([])
  })

  it('tells a gateway that it does not believe within IKE_AUTH, so that it keeps nothing of us', async () => {
    const options = withEap('mschapv2')
    const story = tellStory({
      ...options,
      client: { ...options.client, remoteIdentity: { kind: 'fqdn', name: 'other.example.test' } },
    })
    story.dial()
    await story.pass(1_000)
    expect(story.result.failure).toMatchObject({ code: 'certificate-wrong-name' })
    // Neither identity nor password: it has not proven itself.
    expect(story.told().slice(4)).toEqual([
      '→ IKE_AUTH 2 N(AUTHENTICATION_FAILED)',
      '← IKE_AUTH 2 N(AUTHENTICATION_FAILED)',
    ])
    expect(story.acceptances).toMatchObject([{ kind: 'given-up' }])
  })

  it('does not send a password by a way that the profile does not allow', async () => {
    const story = tellStory(withEap('gtc', 'correct horse', ['mschapv2']))
    story.dial()
    await story.pass(1_000)
    expect(story.result.failure).toMatchObject({ code: 'eap-method-refused' })
    expect(story.acceptances).toMatchObject([{ kind: 'refused', reason: 'no-common-method' }])
  })

  it('is not offered by a gateway without users', async () => {
    const options = withEap('mschapv2')
    const story = tellStory({ ...options, gateway: { ...options.gateway, clients: {} } })
    story.dial()
    await story.pass(1_000)
    expect(story.result.failure).toBeInstanceOf(VpnError)
    expect(story.acceptances).toMatchObject([{ kind: 'refused', reason: 'EAP is not admitted' }])
  })
})
