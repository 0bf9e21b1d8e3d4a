/** EAP alone (RFC 5998) and second rounds (RFC 4739) with gateways that say something else than they should. */
import { describe, expect, it } from 'vitest'
import { identityToWire } from '../../src-main/ike/identity.ts'
import type { EapCredential, InitiatorConfiguration } from '../../src-main/ike/v2/initiator.ts'
import { Notify } from '../../src-main/ike/v2/code-points.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import type { TlsClient } from '../../src-main/ports.ts'
import { createFakeTlsClient } from '../fakes/fake-tls.ts'
import { identity, utf8 } from '../exchange/story.ts'
import type { LaterAnswer } from './hostile-gateway.ts'
import { hostileGateway, pki } from './hostile-gateway.ts'

const eap = (code: number, ...data: readonly number[]): Payload => ({
  type: 'eap',
  data: Uint8Array.of(code, 1, 0, 4 + data.length, ...data),
})
const idOf = (name: string): Payload => ({ type: 'id-responder', ...identityToWire(identity(name)) })
const gateway = idOf('vpn.example.test')
const askIdentity = eap(1, 1)

function client(allow: EapCredential['allow'], opened: TlsClient[] = []) {
  const asked: string[] = []
  const local: EapCredential = {
    method: 'eap',
    username: 'maria',
    identity: 'anonymous',
    password: () => {
      asked.push('password')
      return Promise.resolve(utf8('correct horse'))
    },
    allow,
    tls: {
      open: () => {
        const tls = createFakeTlsClient(new Uint8Array(16).fill(7))
        opened.push(tls)
        return tls
      },
      server: { trust: pki.trust, identity: identity('vpn.example.test') },
    },
  }
  return { local, asked, remote: { method: 'signature', trust: pki.trust } as const }
}

/** The client's EAP packets, opened. */
async function dial(later: LaterAnswer, options: Partial<InitiatorConfiguration>) {
  const said: Uint8Array[] = []
  const notifies: number[] = []
  const hostile = hostileGateway({
    setting: 'eap',
    story: { client: { eapOnly: true, ...options } },
    laterAnswer: (request, before) => {
      for (const payload of request.payloads) {
        if (payload.type === 'eap') said.push(payload.data)
        if (payload.type === 'notify') notifies.push(payload.notify)
      }
      return later(request, before)
    },
  })
  const result = await hostile.dial()
  expect(hostile.errors).toEqual([])
  return { result, said, notifies }
}

describe('a gateway that leaves its proof to EAP', () => {
  it('is told that it may only where the profile says so', async () => {
    const { local, remote } = client(['ttls'])
    for (const eapOnly of [true, false]) {
      const { notifies } = await dial(() => [gateway, askIdentity], { local, remote, eapOnly })
      expect(notifies.includes(Notify.EAP_ONLY_AUTHENTICATION)).toBe(eapOnly)
    }
  })

  it('and was not asked for it gets no EAP answer and no password', async () => {
    const { local, remote, asked } = client(['ttls'])
    const { result, said } = await dial(() => [gateway, askIdentity], { local, remote, eapOnly: false })
    expect(result.failure).toMatchObject({ code: 'gateway-not-authenticated' })
    expect(said).toEqual([])
    expect(asked).toEqual([])
  })

  it('must claim to be the one that was dialled', async () => {
    const { local, remote, asked } = client(['ttls'])
    const { result, said } = await dial(() => [idOf('other.example.test'), askIdentity], { local, remote })
    expect(result.failure).toMatchObject({
      code: 'gateway-not-authenticated',
      details: { claimed: 'other.example.test' },
    })
    expect(said).toEqual([])
    expect(asked).toEqual([])
  })

  it('hears another name than the user has, before TLS has proven it', async () => {
    const { local, remote } = client(['ttls'])
    const { said } = await dial((_, before) => (before === 0 ? [gateway, askIdentity] : [eap(4)]), {
      local,
      remote,
    })
    expect(said.map((data) => Buffer.from(data.subarray(5)).toString())).toEqual(['anonymous'])
  })

  it.each([
    ['MSCHAPv2', eap(1, 26, 1, 1, 0, 21, 16, ...new Uint8Array(16))],
    ['GTC', eap(1, 6, 80)],
    ['MD5', eap(1, 4, 1, 1)],
  ])('gets a Nak for %s, whatever the profile allows: it proves nobody', async (_name, request) => {
    const { local, remote } = client(['mschapv2', 'gtc', 'md5', 'ttls'])
    const { result, said } = await dial((_, before) => (before === 0 ? [gateway, request] : [eap(4)]), {
      local,
      remote,
    })
    expect(said.map((data) => [...data.subarray(4)])).toEqual([[3, 21]])
    expect(result.failure).toMatchObject({ code: 'eap-method-refused' })
  })

  it('proves nothing by an early EAP-Success (CVE-2021-45079)', async () => {
    const { local, remote } = client(['ttls'])
    const start = eap(1, 21, 0x20)
    const answers: readonly (readonly Payload[])[] = [[gateway, start], [eap(3)]]
    const { result } = await dial((_, before) => answers[before], { local, remote })
    expect(result.failure).toMatchObject({
      code: 'protocol-violation',
      details: { reason: 'EAP-Success too early' },
    })
    const alone = await dial(() => [gateway, eap(3)], { local, remote })
    expect(alone.result.failure).toMatchObject({ code: 'protocol-violation' })
  })

  it('does not skip EAP by a Child SA at once', async () => {
    const { local, remote } = client(['ttls'])
    const auth: Payload = { type: 'authentication', method: 2, data: new Uint8Array(32) }
    const { result, said } = await dial(() => [gateway, auth], { local, remote })
    expect(result.failure).toBeDefined()
    expect(said).toEqual([])
  })

  it('has its TLS connection closed however it ends', async () => {
    const opened: TlsClient[] = []
    const { local, remote } = client(['ttls'], opened)
    await dial((_, before) => (before === 0 ? [gateway, eap(1, 21, 0x20)] : [eap(4)]), { local, remote })
    expect(opened).toHaveLength(1)
    expect(await opened[0]?.feed(new Uint8Array(0))).toMatchObject({ kind: 'failed' })
  })
})

describe('a second round', () => {
  const then = (asked: string[]): NonNullable<InitiatorConfiguration['then']> => ({
    identity: identity('maria'),
    credential: {
      method: 'eap',
      username: 'maria',
      password: () => {
        asked.push('password')
        return Promise.resolve(utf8('correct horse'))
      },
      allow: ['mschapv2'],
    },
  })

  it('is not begun with a gateway that knows only one: it would let in by half', async () => {
    const asked: string[] = []
    const hostile = hostileGateway({ setting: 'psk', story: { client: { then: then(asked) } } })
    const result = await hostile.dial()
    expect(result.failure).toMatchObject({ code: 'authentication-refused' })
    expect(asked).toEqual([])
  })

  it('asks for no password before the first has proven the gateway', async () => {
    const asked: string[] = []
    const hostile = hostileGateway({
      setting: 'certificate',
      story: { client: { then: then(asked) } },
      tamper: ({ message, honest, write }) =>
        message.header.exchange === 34
          ? [
              write([
                ...message.payloads,
                {
                  type: 'notify',
                  protocol: 0,
                  spi: new Uint8Array(),
                  notify: Notify.MULTIPLE_AUTH_SUPPORTED,
                  data: new Uint8Array(),
                },
              ]),
            ]
          : [honest],
      laterAnswer: () => [gateway, askIdentity],
    })
    const result = await hostile.dial()
    expect(result.failure).toMatchObject({ code: 'gateway-not-authenticated' })
    expect(asked).toEqual([])
  })
})
