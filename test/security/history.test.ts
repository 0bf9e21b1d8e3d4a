/**
 * What went wrong in other clients, a test a row: docs/security.md has the table, and says which rows are held by tests elsewhere.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { createPacketCrypto } from '../../src-main/host/crypto/packet-crypto.ts'
import { Request } from '../../src-main/host/helper/protocol.ts'
import { defaultProposals } from '../../src-main/ike/proposal-text.ts'
import { encryptions } from '../../src-main/ike/encryptions.ts'
import { groups } from '../../src-main/ike/groups.ts'
import { integrities, prfs } from '../../src-main/ike/suites.ts'
import { Notify } from '../../src-main/ike/v2/code-points.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import { notify } from '../../src-main/ike/v2/refusal.ts'
import { Connection } from '../../src-main/engine/connection.ts'
import { createEngineServices } from '../../src-main/engine/services.ts'
import { messageId } from '../../src-shared/brands.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { Profile } from '../../src-shared/profile.ts'
import { identity } from '../exchange/story.ts'
import { createFakeClock } from '../fakes/fake-clock.ts'
import { createFakeHostNetwork } from '../fakes/fake-host-network.ts'
import { createFakeRandom } from '../fakes/fake-random.ts'
import { gatewayVoice, hostileGateway } from '../hostile/hostile-gateway.ts'
import { plus } from '../hostile/payload-changes.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'

const bytes = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value)
const root = join(import.meta.dirname, '../..')

describe('CVE-2026-78135, CVE-2014-2338: our gateway too hears nothing but IKE_AUTH before both sides are authenticated', () => {
  const early: readonly (readonly [string, number, readonly Payload[]])[] = [
    [
      'CREATE_CHILD_SA',
      36,
      [
        {
          type: 'sa',
          proposals: [
            {
              number: 1,
              protocol: 3,
              spi: bytes(4, 7),
              transforms: [
                { type: 1, id: 20, keyBits: 256 },
                { type: 5, id: 0 },
              ],
            },
          ],
        },
        { type: 'nonce', data: bytes(32, 5) },
        { type: 'ts-initiator', selectors: [] },
        { type: 'ts-responder', selectors: [] },
      ],
    ],
    [
      'rekeying the IKE SA',
      36,
      [
        {
          type: 'sa',
          proposals: [
            {
              number: 1,
              protocol: 1,
              spi: bytes(8, 7),
              transforms: [
                { type: 1, id: 20, keyBits: 256 },
                { type: 2, id: 5 },
                { type: 4, id: 31 },
              ],
            },
          ],
        },
        { type: 'nonce', data: bytes(32, 5) },
        { type: 'ke', group: 31, data: bytes(32, 9) },
      ],
    ],
    ['a liveness check', 37, []],
  ]
  it.each(early)('%s', async (_name, exchange, payloads) => {
    const hostile = hostileGateway({ setting: 'eap' })
    const { story } = hostile
    // The client's IKE_AUTH never arrives; in its place, under the same keys:
    story.wire.meddle = (datagram) => (datagram.header?.exchange === 35 ? [] : [datagram])
    story.dial()
    await story.settle()
    const { sa } = hostile
    if (sa === undefined) throw new Error('no keys')
    const clientVoice = gatewayVoice({ ...sa, initiator: true })
    const sent = story.wire.sent.length
    const [said = bytes(0)] = clientVoice.write({ exchange, messageId: messageId(1) }, payloads)
    story.inject('client', said)
    await story.settle()
    expect(story.wire.sent).toHaveLength(sent)
    expect(story.gateway.effects).toEqual([])
    expect(story.gateway.session.sa).toBeUndefined()
    expect(story.acceptances).toEqual([])
    story.close()
  })
})

describe('MSCHAPv2 without a gateway that has proven itself', () => {
  const valid = JSON.parse(JSON.stringify(sampleProfile())) as Record<string, unknown>
  it('cannot be said in a profile: somebody has to be authenticated, and no switch turns that off', () => {
    expect(v.safeParse(Profile, valid).success).toBe(true)
    const remotes: readonly unknown[] = [
      {},
      { authentication: { method: 'none' } },
      { authentication: { method: 'eap' } },
      { authentication: { method: 'certificate' } },
      { authentication: { method: 'certificate', authorities: [], verify: false } },
      { authentication: { method: 'certificate', authorities: [] }, identity: '%any' },
    ]
    for (const remote of remotes) expect(v.safeParse(Profile, { ...valid, remote }).success).toBe(false)
  })
})

describe('CVE-2026-78134: the identity that is shown is the one that was proven', () => {
  it('is the user name of EAP, whatever IDi says', async () => {
    const hostile = hostileGateway({
      setting: 'eap',
      story: { client: { localIdentity: identity('director@example.test') } },
    })
    await hostile.dial()
    const { story } = hostile
    expect(story.acceptances).toMatchObject([
      { kind: 'established', client: { name: 'maria', method: 'eap' } },
    ])
    story.close()
  })
})

describe('CVE-2018-10811: no algorithm of yesterday, and none that silently is nothing', () => {
  it('has NULL in ESP alone, marks it, MD5, DES and small groups as weak, and offers nothing weak by itself', () => {
    const entries = <Row>(table: Readonly<Record<string, Row>>): [string, Row][] => Object.entries(table)
    const tables = [...entries(encryptions), ...entries(prfs), ...entries(integrities), ...entries(groups)]
    expect(tables.map(([name]) => name).join(' ')).not.toMatch(/none/)
    const readable = entries(encryptions).filter(([name]) => name.startsWith('null'))
    expect(readable.map(([, { inIke }]) => inIke)).toEqual([false, false])
    const old = tables.filter(([name]) => /null|md5|des|sha1|modp(?:768|1024|1536)$/.test(name))
    expect(old).toHaveLength(11)
    for (const [, { strength }] of old) expect(strength.standing).toBe('weak')
    for (const kind of ['ike', 'esp'] as const) {
      for (const proposal of defaultProposals(kind)) {
        const rows = [
          ...proposal.encryptions.map(({ name }) => encryptions[name]),
          ...proposal.prfs.map((name) => prfs[name]),
          ...proposal.integrities.map((name) => integrities[name]),
          ...proposal.groups.map((name) => groups[name]),
        ]
        expect(rows.map(({ strength }) => strength.standing)).not.toContain('weak')
      }
    }
  })
})

describe('CVE-2015-3991: payloads of the other version are nothing here', () => {
  it.each(Array.from({ length: 32 }, (_, index) => index + 1))('number %i of version 1', async (number) => {
    const old: Payload = { type: 'unknown', number, critical: false, data: bytes(40, 3) }
    const { connected, failure } = await hostileGateway({
      tamper: ({ message, honest, write }) => [
        message.header.exchange === 35 ? write(plus(old)(message.payloads)) : honest,
      ],
    }).dial()
    expect(failure).toBeUndefined()
    expect(connected).toBeDefined()
  })
})

// ---------------------------------------------------------------- what the code reaches

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    return entry.isDirectory() ? filesIn(path) : [path]
  })
const specifiers = (text: string): readonly string[] =>
  [...text.matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)].flatMap(([, specifier]) => specifier ?? [])

/** Everything that a file pulls in, types aside. */
function reachOf(entry: string): {
  readonly ours: ReadonlySet<string>
  readonly others: ReadonlySet<string>
} {
  const ours = new Set<string>()
  const others = new Set<string>()
  const visit = (file: string): void => {
    if (ours.has(file)) return
    ours.add(file)
    const text = readFileSync(join(root, file), 'utf8').replace(/import type [^;]*?from '[^']+'/g, '')
    for (const specifier of specifiers(text)) {
      if (specifier.startsWith('.')) visit(normalize(join(dirname(file), specifier)))
      else others.add(specifier)
    }
  }
  visit(entry)
  return { ours, others }
}

describe('CVE-2022-40617: nothing is fetched because a certificate says so', () => {
  it('neither PKI nor IKE can open a connection', () => {
    const files = ['src-main/pki', 'src-main/ike', 'src-main/engine'].flatMap(filesIn)
    expect(files.length).toBeGreaterThan(50)
    for (const file of files) {
      const text = readFileSync(join(root, file), 'utf8')
      expect(
        specifiers(text).filter((name) =>
          /^(?:node:)?(?:https?|http2|net|tls|dgram|dns|child_process)\b/.test(name),
        ),
      ).toEqual([])
      expect(text).not.toMatch(/\bfetch\(|XMLHttpRequest|WebSocket/)
    }
  })
})

describe('CVE-2026-33824, CVE-2022-34721: what reads messages of strangers is not what has the privileges', () => {
  it('the helper contains no IKE, no ESP, no certificate, no socket', () => {
    const { ours, others } = reachOf('src-main/helper.ts')
    expect(
      [...ours].filter((file) =>
        /src-main\/(?:ike|ipsec|wire|pki|engine|app|profiles|gateway|cli)\b/.test(file),
      ),
    ).toEqual([])
    expect([...others].filter((name) => /^node:(?:net|dgram|https?|tls|crypto|vm)$/.test(name))).toEqual([])
  })
})

describe('CVE-2025-9615: the helper takes content, never a path or a command', () => {
  const configuration = { mtu: 1400, addresses: [{ address: '10.9.0.2', length: 32 }], routes: [] }
  const open = (more: object): unknown => ({
    id: 1,
    do: 'open',
    configuration: { ...configuration, ...more },
  })
  it('knows four requests, and no field that names a file', () => {
    expect(v.safeParse(Request, open({})).success).toBe(true)
    for (const more of [
      { path: '/etc/shadow' },
      { script: 'x' },
      { command: ['sh'] },
      { dns: { file: '/etc/passwd' } },
    ])
      expect(v.safeParse(Request, open(more)).success).toBe(false)
    for (const word of ['run', 'read', 'write', 'exec', 'import'])
      expect(v.safeParse(Request, { id: 1, do: word, configuration }).success).toBe(false)
  })
})

describe('CVE-2016-5361: unasked-for packets are not answered', () => {
  it('a client says nothing to anybody it has not dialled', async () => {
    const hostile = hostileGateway()
    await hostile.dial()
    const { story } = hostile
    const first = story.wire.sent.find(({ from }) => from === 'client')?.bytes ?? bytes(0)
    const count = story.wire.sent.length
    const stranger = first.slice()
    stranger.set(bytes(8, 7), 0)
    for (const datagram of [first, stranger, bytes(1_400, 1), bytes(28)]) story.inject('gateway', datagram)
    await story.settle()
    expect(story.wire.sent).toHaveLength(count)
    story.close()
  })

  it('our gateway answers a first request once for each time it comes, and never of its own accord', async () => {
    const { story } = hostileGateway()
    story.wire.meddle = (datagram) => (datagram.from === 'gateway' ? [] : [datagram])
    story.dial()
    await story.settle()
    // The client goes silent: whoever it was may be somebody else's address.
    story.client.session.abandon()
    await story.pass(120_000)
    const answers = story.wire.sent.filter(({ from }) => from === 'gateway')
    expect(answers).toHaveLength(1)
    const [request] = story.wire.sent
    expect(answers[0]?.bytes.length).toBeLessThan(2 * (request?.bytes.length ?? 0))
    story.gateway.session.abandon()
  })
})

describe('Port shadow, CVE-2021-3773: our port is one that nobody knows beforehand', () => {
  it('a connection asks for any port', async () => {
    const ports: number[] = []
    const clock = createFakeClock()
    const hostNetwork = createFakeHostNetwork()
    const log = () => undefined
    const connection = new Connection({
      services: createEngineServices({ clock, hostNetwork, log }),
      ports: {
        clock,
        random: createFakeRandom('port'),
        crypto: createCrypto(),
        packetCrypto: createPacketCrypto(),
        datagrams: {
          open(_family, port) {
            ports.push(port)
            throw new VpnError('port-busy')
          },
        },
        resolver: { resolve: () => Promise.resolve([{ address: '198.51.100.2', family: 4 }]) },
        hostNetwork,
        log,
      },
      profile: sampleProfile(),
      loadCredentials: () => Promise.reject(new Error('not reached')),
      warmUp: () => Promise.resolve(),
    })
    await connection.finished
    expect(ports).toEqual([0])
  })
})

describe('NAT traversal: what is not authentic moves nothing', () => {
  it('keeps the session where it is when someone in between says otherwise', async () => {
    const hostile = hostileGateway()
    await hostile.dial()
    const { story } = hostile
    const { sa } = story.client.session
    if (sa === undefined) throw new Error('not connected')
    const voice = gatewayVoice({ ...sa, initiator: !sa.initiator })
    const count = story.wire.sent.length
    for (const type of [
      Notify.UPDATE_SA_ADDRESSES,
      Notify.NAT_DETECTION_SOURCE_IP,
      Notify.REDIRECT,
      Notify.NO_ADDITIONAL_ADDRESSES,
    ])
      story.inject('gateway', voice.plain({}, [notify(type, bytes(20, 9))]))
    await story.settle()
    expect(story.wire.sent).toHaveLength(count)
    expect(story.client.drops).toEqual(['unprotected', 'unprotected', 'unprotected', 'unprotected'])
    story.close()
  })
})
