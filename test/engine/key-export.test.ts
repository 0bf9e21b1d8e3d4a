/** Session keys in Wireshark's tables: only on demand, in its exact form. */
import { describe, expect, it } from 'vitest'
import type { EspSuite, IkeSuite } from '../../src-shared/algorithms.ts'
import { espSpi, ikeSpi, millis } from '../../src-shared/brands.ts'
import { espTableLines, ikeTableLine } from '../../src-main/engine/key-export.ts'
import type { ChildKeys, ChildSa } from '../../src-main/ike/child-sa.ts'
import type { IkeSa } from '../../src-main/ike/v2/ike-sa.ts'
import { createWorld, pskProfile } from './world.ts'

const of = (byte: number, length = 2) => new Uint8Array(length).fill(byte)

const ikeSa = (
  suite: IkeSuite,
  integrity: boolean,
): Pick<IkeSa, 'initiatorSpi' | 'responderSpi' | 'suite' | 'keys'> => ({
  initiatorSpi: ikeSpi(0x0011223344556677n),
  responderSpi: ikeSpi(0x1n),
  suite,
  keys: {
    d: of(0xdd),
    ei: of(0xe1),
    er: of(0xe2),
    pi: of(0xcc),
    pr: of(0xcc),
    ...(integrity ? { ai: of(0xa1), ar: of(0xa2) } : {}),
  },
})

const prf = { prf: 'hmac-sha256', group: 'curve25519' } as const

describe('the tables', () => {
  it.each([
    [
      { encryption: 'aes-gcm-16', keyBits: 256, ...prf },
      '0011223344556677,0000000000000001,e1e1,e2e2,"AES-GCM-256 with 16 octet ICV [RFC5282]",,,"NONE [RFC4306]"',
    ],
    [
      { encryption: 'aes-cbc', keyBits: 128, integrity: 'hmac-sha256-128', ...prf },
      '0011223344556677,0000000000000001,e1e1,e2e2,"AES-CBC-128 [RFC3602]",a1a1,a2a2,"HMAC_SHA2_256_128 [RFC4868]"',
    ],
    [
      { encryption: '3des-cbc', keyBits: 192, integrity: 'hmac-sha1-96', ...prf },
      '0011223344556677,0000000000000001,e1e1,e2e2,"3DES [RFC2451]",a1a1,a2a2,"HMAC_SHA1_96 [RFC2404]"',
    ],
    [{ encryption: 'chacha20-poly1305', keyBits: 256, ...prf }, undefined],
  ] as const satisfies readonly (readonly [IkeSuite, string | undefined])[])('IKE SA: %#', (suite, line) => {
    expect(ikeTableLine(ikeSa(suite, 'integrity' in suite))).toBe(line)
  })

  const child = (suite: EspSuite): ChildSa => ({
    inboundSpi: espSpi(0xc0ffee01),
    outboundSpi: espSpi(0x0badcafe),
    suite,
    local: [],
    remote: [],
    createdAt: millis(0),
  })

  it('ESP: both directions, both families, with and without integrity of its own', () => {
    const gcm: ChildKeys = { inbound: { encryptionKey: of(1, 3) }, outbound: { encryptionKey: of(2, 3) } }
    expect(
      espTableLines(
        4,
        child({ encryption: 'aes-gcm-16', keyBits: 128, extendedSequenceNumbers: false }),
        gcm,
      ),
    ).toEqual([
      '"IPv4","*","*","0x0badcafe","AES-GCM with 16 octet ICV [RFC4106]","0x020202","NULL",""',
      '"IPv4","*","*","0xc0ffee01","AES-GCM with 16 octet ICV [RFC4106]","0x010101","NULL",""',
    ])
    const cbc: ChildKeys = {
      inbound: { encryptionKey: of(1), integrityKey: of(3) },
      outbound: { encryptionKey: of(2), integrityKey: of(4) },
    }
    const suite = {
      encryption: 'aes-cbc',
      keyBits: 256,
      integrity: 'hmac-sha512-256',
      extendedSequenceNumbers: true,
    } as const
    expect(espTableLines(6, child(suite), cbc)[0]).toBe(
      '"IPv6","*","*","0x0badcafe","AES-CBC [RFC3602]","0x0202","HMAC-SHA-512-256 [RFC4868]","0x0404","64-bit","0"',
    )
  })
})

describe('a connection', () => {
  it('writes nothing by itself', async () => {
    const world = createWorld()
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    await world.end(connection)
    expect(world.keyLines).toEqual([])
    expect(world.logged.join('\n')).not.toContain('keys')
  })

  it('writes each IKE SA once and both directions of each Child SA while it is on, and says so', async () => {
    const world = createWorld({
      profile: pskProfile({ lifetimes: { ikeSeconds: 1_000, childSeconds: 700 } }),
    })
    await world.startGateway()
    world.services.keyExport.set('/tmp/keys')
    expect(world.logged.at(-1)).toMatch(/^warn keys session keys are written down/)
    const connection = world.connect()
    await world.settle()
    const spi = connection.status().ikeSas[0]?.initiatorSpi ?? 'none'
    const child = connection.status().ikeSas[0]?.childSas[0]
    const hex = (value = 0) => `"0x${value.toString(16).padStart(8, '0')}"`
    expect(world.keyLines).toEqual([
      expect.stringMatching(new RegExp(`^/tmp/keys/ikev2_decryption_table: ${spi},`)),
      expect.stringContaining(`/tmp/keys/esp_sa: "IPv4","*","*",${hex(child?.outboundSpi)}`),
      expect.stringContaining(`/tmp/keys/esp_sa: "IPv4","*","*",${hex(child?.inboundSpi)}`),
    ])
    // No line is of keys that were wiped already.
    for (const line of world.keyLines) expect(line).not.toMatch(/0{40}/)
    // The Child SA is rekeyed, then the IKE SA.
    await world.pass(800_000)
    expect(world.keyLines.filter((line) => line.includes('esp_sa'))).toHaveLength(4)
    await world.pass(200_000)
    const ike = world.keyLines.filter((line) => line.includes('ikev2_decryption_table'))
    expect(ike).toHaveLength(2)
    expect(new Set(ike.map((line) => line.split(' ')[1]?.split(',')[0])).size).toBe(2)

    world.services.keyExport.set(undefined)
    const before = world.keyLines.length
    await world.pass(800_000)
    expect(world.keyLines).toHaveLength(before)
    await world.end(connection)
    // The keys are in the files, and nowhere else.
    const keys = world.keyLines.flatMap((line) => line.match(/[0-9a-f]{40,}/g) ?? [])
    for (const key of keys) expect(world.logged.join('\n')).not.toContain(key)
  })

  it('goes on when the disk is full', async () => {
    const world = createWorld()
    await world.startGateway()
    world.services.keyExport.set('/full')
    const connection = world.connect()
    await world.settle()
    expect(connection.status().state.kind).toBe('connected')
    expect(world.logged.join('\n')).toContain('session keys cannot be written {"reason":"no space left')
    await world.end(connection)
  })
})
