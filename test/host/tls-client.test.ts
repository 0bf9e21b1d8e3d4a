/** What every TlsClient does, the runtime's with both versions and the made-up one; and what only a real one can show. */
import { createPrivateKey, randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { createSigningKey } from '../../src-main/host/crypto/signatures.ts'
import { createTlsClient } from '../../src-main/host/tls-client.ts'
import type { TlsClient } from '../../src-main/ports.ts'
import { authority, issue } from '../fakes/certificates.ts'
import { createFakeTlsClient, createFakeTlsServer } from '../fakes/fake-tls.ts'
import { createRuntimeTlsServer } from '../fakes/runtime-tls-server.ts'
import type { TlsHolder, TlsServerEnd } from '../fakes/tls-end.ts'

const root = authority('CN=Root')
const leaf = issue({ subject: 'CN=radius.example.org', by: root })
const user = issue({ subject: 'CN=alice', by: root })
const holder = (one: typeof leaf, ...chain: readonly Uint8Array[]): TlsHolder => ({
  keyPem: one.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  certificates: [one.der, ...chain],
})
const own = (() => {
  const key = createSigningKey(createPrivateKey(holder(user).keyPem))
  if (key === undefined) throw new Error('no key')
  return { key, certificates: [user.der] }
})()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

interface Pair {
  readonly client: TlsClient
  readonly server: TlsServerEnd
}
const opened: Pair[] = []
const opening = (pair: Pair): Pair => {
  opened.push(pair)
  return pair
}
afterEach(() => {
  for (const { client, server } of opened.splice(0)) {
    client.close()
    server.close()
  }
})

const kinds: readonly (readonly [string, () => Pair])[] = [
  ...(['1.2', '1.3'] as const).map(
    (version) =>
      [
        `the runtime's TLS ${version}`,
        () =>
          opening({
            client: createTlsClient({ own }),
            server: createRuntimeTlsServer({
              own: holder(leaf, root.der),
              version,
              clientAuthority: root.der,
            }),
          }),
      ] as const,
  ),
  [
    'the made-up one',
    () =>
      opening({
        client: createFakeTlsClient(randomBytes(16), user.der),
        server: createFakeTlsServer(randomBytes(16), [leaf.der, root.der]),
      }),
  ],
]

/** Passes records on until neither has any. */
async function shake({ client, server }: Pair): Promise<void> {
  await client.feed(new Uint8Array(0))
  for (let round = 0; round < 6; round += 1) {
    const sent = client.drain()
    if (sent.length > 0) await server.feed(sent)
    const answered = server.drain()
    if (answered.length > 0) await client.feed(answered)
  }
}

describe.each(kinds)('%s', (_name, open) => {
  it('begins by itself and knows nobody yet', async () => {
    const { client } = open()
    expect(await client.feed(new Uint8Array(0))).toEqual({ kind: 'handshaking' })
    expect(client.drain().length).toBeGreaterThan(16)
    expect(client.drain().length).toBe(0)
    expect(client.serverCertificates()).toEqual([])
  })

  it("knows the server's certificates before anything but its first message has left", async () => {
    const { client, server } = open()
    await client.feed(new Uint8Array(0))
    await server.feed(client.drain())
    await client.feed(server.drain())
    expect(client.serverCertificates().map(hex)).toEqual([leaf.der, root.der].map(hex))
    expect(server.isEstablished).toBe(false)
    expect(server.clientCertificate === undefined).toBe(true)
  })

  it('comes to stand, shows the own certificate, and both ends have the same keys', async () => {
    const pair = open()
    const { client, server } = pair
    await shake(pair)
    expect(await client.feed(new Uint8Array(0))).toMatchObject({ kind: 'established' })
    expect(server.isEstablished).toBe(true)
    expect(hex(server.clientCertificate ?? new Uint8Array(0))).toBe(hex(user.der))
    for (const context of [undefined, new Uint8Array(0), Uint8Array.of(13)]) {
      const ours = client.exportKeyingMaterial('client EAP encryption', 64, context)
      expect(hex(ours)).toBe(hex(server.exportKeyingMaterial('client EAP encryption', 64, context)))
    }
    expect(hex(client.exportKeyingMaterial('a', 32))).not.toBe(hex(client.exportKeyingMaterial('b', 32)))
  })

  it('carries what is said, hidden, and gives it away once', async () => {
    const pair = open()
    const { client, server } = pair
    await shake(pair)
    const said = Buffer.from('a password')
    await client.write(said)
    const sent = client.drain()
    expect(Buffer.from(sent).includes(said)).toBe(false)
    await server.feed(sent)
    expect(Buffer.from(server.read()).toString()).toBe('a password')
    await server.write(Buffer.from('welcome'))
    await client.feed(server.drain())
    expect(Buffer.from(client.read()).toString()).toBe('welcome')
    expect(client.read().length).toBe(0)
  })

  it('fails of what is no TLS, and stays failed', async () => {
    const { client } = open()
    await client.feed(new Uint8Array(0))
    client.drain()
    expect(await client.feed(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))).toMatchObject({
      kind: 'failed',
    })
    expect(await client.feed(new Uint8Array(0))).toMatchObject({ kind: 'failed' })
  })

  it('says nothing inside before it stands', async () => {
    const { client } = open()
    await client.feed(new Uint8Array(0))
    client.drain()
    await client.write(Buffer.from('a password'))
    expect(client.drain().length).toBe(0)
  })
})

describe("the runtime's TLS", () => {
  it.each(['1.2', '1.3'] as const)('says which alert the server gave, over TLS %s', async (version) => {
    const stranger = authority('CN=Other')
    const server = createRuntimeTlsServer({ own: holder(leaf), version, clientAuthority: stranger.der })
    const client = createTlsClient({})
    const pair = opening({ client, server })
    await shake(pair)
    const state = await client.feed(new Uint8Array(0))
    // TLS 1.3's client is through before the server has looked at it.
    if (version === '1.2') expect(state).toMatchObject({ kind: 'failed' })
    else expect(state.kind).not.toBe('handshaking')
  })

  it('takes no key exchange that the server has not proven its key in', async () => {
    const client = createTlsClient({})
    const server = createRuntimeTlsServer({ own: holder(leaf), version: '1.2' })
    opening({ client, server })
    await client.feed(new Uint8Array(0))
    const hello = Buffer.from(client.drain())
    // TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_256_GCM_SHA384, TLS_RSA_WITH_AES_128_CBC_SHA.
    for (const suite of ['009c', '009d', '002f']) expect(suitesOf(hello)).not.toContain(suite)
  })

  it('never resumes: the second hello has no session and no ticket', async () => {
    const hellos: string[] = []
    for (let turn = 0; turn < 2; turn += 1) {
      const pair = opening({
        client: createTlsClient({}),
        server: createRuntimeTlsServer({ own: holder(leaf), version: '1.3' }),
      })
      await pair.client.feed(new Uint8Array(0))
      const hello = pair.client.drain()
      hellos.push(hex(hello))
      await pair.server.feed(hello)
      await pair.client.feed(pair.server.drain())
      await shake(pair)
    }
    // pre_shared_key (41) stands last when there is one, and carries a binder; a hello without it has the length of the first.
    expect(hellos[1]?.length).toBe(hellos[0]?.length)
  })
})

/** The cipher suites of a ClientHello: record 5, handshake 4, version 2, random 32, session. */
function suitesOf(hello: Buffer): readonly string[] {
  const session = hello.readUInt8(43)
  const length = hello.readUInt16BE(44 + session)
  return (
    hello
      .subarray(46 + session, 46 + session + length)
      .toString('hex')
      .match(/.{4}/g) ?? []
  ).map(String)
}
