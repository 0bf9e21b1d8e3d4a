/**
 * The services of IPsec (RFC 4301 section 3.1, RFC 4302 section 1, RFC 4303 section 1) and which of AH and ESP gives which:
 *
 *                                          AH     ESP, encryption only     ESP with authentication
 *   access control                         yes    yes                      yes
 *   connectionless integrity               yes    –                        yes
 *   data-origin authentication             yes    –                        yes
 *   rejection of replays                   yes    –                        yes
 *   confidentiality                        –      yes                      yes
 *   limited traffic-flow confidentiality   –      yes                      yes
 *
 * Each cell is an attack: the service stops it, or where the service is absent it succeeds. Replays are an old dispute: without
 * integrity a sequence number can be written anew, so RFC 4303 section 3.4.3 has no window then, and neither have we.
 */
import { describe, expect, it } from 'vitest'
import { createPacketCrypto } from '../../src-main/host/crypto/packet-crypto.ts'
import type { PacketView } from '../../src-main/ip/packet.ts'
import { readPolicyFile } from '../../src-main/ipsec/policy/policy-file.ts'
import { bundleOf } from '../../src-main/ipsec/policy/entry.ts'
import { createPolicyDatabase } from '../../src-main/ipsec/policy/spd.ts'
import type { Association, AssociationParameters } from '../../src-main/ipsec/processing/association.ts'
import { createPacketProcessor } from '../../src-main/ipsec/processing/packet-processor.ts'
import { espSpi } from '../../src-shared/brands.ts'
import { ipPacket } from '../fakes/packets.ts'
import { createDice } from '../fuzz/mutator.ts'
import { fakeClock } from './processing/still-clock.ts'
import { addressOf } from './processing/two-hosts.ts'

type Kind = 'AH' | 'ESP, encryption only' | 'ESP with authentication'
type Mode = 'transport' | 'tunnel'
const kinds: readonly Kind[] = ['AH', 'ESP, encryption only', 'ESP with authentication']

const crypto = createPacketCrypto()
const [from, to] = ['10.0.0.1', '10.0.0.2']
const gateways = ['198.51.100.1', '198.51.100.2'] as const

function transformOf(kind: Kind, seed: number, padTo?: number): AssociationParameters['transform'] {
  const key = (length: number) => new Uint8Array(length).fill(seed)
  if (kind === 'AH') {
    return { kind: 'ah', integrity: crypto.integrity({ integrity: 'hmac-sha256-128', key: key(32) }) }
  }
  const authentication =
    kind === 'ESP, encryption only'
      ? { integrity: 'none' as const }
      : { integrity: 'hmac-sha256-128' as const, integrityKey: key(32) }
  return {
    kind: 'esp',
    cipher: crypto.cipher({ encryption: 'aes-cbc', encryptionKey: key(16), ...authentication }),
    ...(padTo === undefined ? {} : { padTo }),
  }
}

/** One direction of one SA, from A to B; `policy` is B's own, where it is narrower. */
function twoEnds(kind: Kind, mode: Mode, options: { seed?: number; padTo?: number; policy?: string } = {}) {
  const protocol = kind === 'AH' ? 'ah' : 'esp'
  const ends = mode === 'tunnel' ? ` from ${gateways[0]} to ${gateways[1]}` : ''
  const back = mode === 'tunnel' ? ` from ${gateways[1]} to ${gateways[0]}` : ''
  const sent: Uint8Array[] = []
  const delivered: Uint8Array[] = []
  const end = (policy: string, direction: 'outbound' | 'inbound', seed: number) => {
    const { entries, problems } = readPolicyFile(policy)
    expect(problems).toEqual([])
    const spd = createPolicyDatabase(entries)
    const processor = createPacketProcessor({
      clock: fakeClock(),
      mtu: 1500,
      isOurs: () => true,
      policies: {
        decide(way, view: PacketView) {
          const entry = spd.lookup(way, view)
          return entry?.action.kind === 'protect'
            ? { kind: 'protect', bundle: bundleOf(entry, way) }
            : entry?.action
        },
      },
      send(buffer, offset, length) {
        sent.push(buffer.slice(offset, offset + length))
        return 'sent'
      },
    })
    processor.useSink({
      write(buffer, offset, length) {
        delivered.push(buffer.slice(offset, offset + length))
        return true
      },
    })
    const [source, destination] = mode === 'tunnel' ? gateways : [from, to]
    const sa = processor.install({
      direction,
      spi: espSpi(0x1001),
      source: addressOf(source),
      destination: addressOf(destination),
      mode,
      transform: transformOf(kind, seed, options.padTo),
      extendedSequenceNumbers: false,
      replayWindow: 64,
    })
    return { processor, sa }
  }
  const a = end(`protect with ${protocol} ${mode}${ends}`, 'outbound', options.seed ?? 5)
  const b = end(options.policy ?? `protect with ${protocol} ${mode}${back}`, 'inbound', 5)
  return {
    delivered,
    /** What an attacker on the way sees of a packet that A sends. */
    wireOf(packet: Uint8Array): Uint8Array {
      a.processor.outbound(packet, 0, packet.length)
      const [wire, ...more] = sent.splice(0)
      if (wire === undefined || more.length > 0) throw new Error('not one packet')
      return wire
    },
    arrive: (wire: Uint8Array) => b.processor.inbound(wire, 0, wire.length),
    dummy(length: number): Uint8Array {
      const sa: Association | undefined = a.sa
      if (sa === undefined || !a.processor.sendDummy(sa, length)) throw new Error('no dummy')
      return sent.splice(0)[0] ?? new Uint8Array()
    },
    drops: () => b.processor.statistics().drops,
  }
}

const secret = 'attack at dawn'
const message = (text = secret, length = 64) => {
  const payload = new Uint8Array(length)
  payload.set(new TextEncoder().encode(text).subarray(0, length))
  return datagram(from, payload)
}
const datagram = (source: string, payload: Uint8Array, port = 53) => {
  const segment = new Uint8Array(8 + payload.length)
  new DataView(segment.buffer).setUint16(0, 4000)
  new DataView(segment.buffer).setUint16(2, port)
  new DataView(segment.buffer).setUint16(4, segment.length)
  segment.set(payload, 8)
  // RFC 768: a checksum of 0 is none, so that what is changed on the way is not found by UDP.
  return ipPacket(17, segment, { from: source, to })
}
const shows = (wire: Uint8Array, text: string) => Buffer.from(wire).includes(text)
const addressBytes = (text: string) => Buffer.from(text.split('.').map(Number))

const modes: readonly Mode[] = ['transport', 'tunnel']
const cells = (expected: Readonly<Record<Kind, boolean>>) =>
  kinds.flatMap((kind) => modes.map((mode) => [kind, mode, expected[kind]] as const))

const everywhere = { AH: true, 'ESP, encryption only': true, 'ESP with authentication': true }
const authenticated = { ...everywhere, 'ESP, encryption only': false }
const encrypted = { ...everywhere, AH: false }

describe('access control', () => {
  it.each(cells(everywhere))('%s, %s mode: what comes in clear is not let in: %s', (kind, mode) => {
    const ends = twoEnds(kind, mode)
    ends.arrive(message())
    expect(ends.delivered).toEqual([])
    expect(ends.drops()).toEqual({ 'policy-mismatch': 1 })
  })

  it.each(cells(everywhere))(
    '%s, %s mode: an owner of the key gets no further than its policy: %s',
    (kind, mode) => {
      const protocol = kind === 'AH' ? 'ah' : 'esp'
      const back = mode === 'tunnel' ? ` from ${gateways[1]} to ${gateways[0]}` : ''
      const policy = `protect udp local-port 53 with ${protocol} ${mode}${back}\ndiscard`
      const ends = twoEnds(kind, mode, { policy })
      ends.arrive(ends.wireOf(datagram(from, new Uint8Array(8), 53)))
      expect(ends.delivered).toHaveLength(1)
      ends.arrive(ends.wireOf(datagram(from, new Uint8Array(8), 22)))
      expect(ends.delivered).toHaveLength(1)
      expect(ends.drops()).toEqual({ 'policy-discard': 1 })
    },
  )
})

describe('connectionless integrity', () => {
  it.each(cells(authenticated))(
    '%s, %s mode: a byte changed on the way is found: %s',
    (kind, mode, isThere) => {
      const ends = twoEnds(kind, mode)
      // CBC: a bit changed in one block of the ciphertext changes the same bit of the next block's plaintext.
      const wire = ends.wireOf(message(secret, 96))
      const changed = wire.slice()
      const at = wire.length - (isThere ? 30 : 45)
      changed[at] = (changed[at] ?? 0) ^ 1
      ends.arrive(changed)
      if (isThere) {
        expect(ends.delivered).toEqual([])
        expect(ends.drops()).toEqual({ integrity: 1 })
      } else {
        expect(ends.delivered).toHaveLength(1)
        expect(ends.delivered[0]).not.toEqual(message(secret, 96))
      }
    },
  )

  it.each(cells(authenticated).filter(([, , isThere]) => isThere))(
    '%s, %s mode: wherever the byte lies behind the IP header: %s',
    (kind, mode) => {
      const ends = twoEnds(kind, mode)
      const wire = ends.wireOf(message())
      let arrived = 0
      for (let at = 20; at < wire.length; at += 1) {
        const changed = wire.slice()
        changed[at] = (changed[at] ?? 0) ^ 0x40
        ends.arrive(changed)
        arrived += ends.delivered.length
      }
      expect(arrived).toBe(0)
    },
  )
})

describe('data-origin authentication', () => {
  it.each(cells(authenticated))('%s, %s mode: who has no key is not heard: %s', (kind, mode, isThere) => {
    // The attacker knows SPI and addresses, and writes anything behind them: of 256 endings one is right padding.
    const ends = twoEnds(kind, mode)
    const header = ends.wireOf(message()).subarray(0, 28)
    const dice = createDice(4303)
    const tries = mode === 'tunnel' ? 0 : 3000
    for (let count = 0; count < tries; count += 1) {
      const forged = new Uint8Array(28 + 16 + 32).map(() => dice.below(256))
      forged.set(header)
      forged.set([0, forged.length], 2)
      ends.arrive(forged)
    }
    // Inside a tunnel it must be a whole packet: the attacker takes one that is known and makes it another's.
    if (mode === 'tunnel') {
      const known = message(secret, 64)
      const wire = ends.wireOf(known)
      const iv = 28
      // CBC: what is changed in the IV changes in the first block, where the inner source address lies.
      for (let byte = 0; byte < 16; byte += 1) {
        wire[iv + byte] = (wire[iv + byte] ?? 0) ^ (known[byte] ?? 0) ^ (forgedHeader(known)[byte] ?? 0)
      }
      ends.arrive(wire)
    }
    if (isThere) expect(ends.delivered).toEqual([])
    else expect(ends.delivered.length).toBeGreaterThan(0)
    if (!isThere && mode === 'tunnel')
      expect(ends.delivered[0]?.subarray(12, 16)).toEqual(forgedHeader(message()).subarray(12, 16))
  })
})

/** The header of a packet that seems to come from another host: the address and the checksum lie in the first 16 bytes. */
function forgedHeader(known: Uint8Array): Uint8Array {
  const other = datagram('10.0.0.77', known.subarray(28))
  return other.subarray(0, 16)
}

describe('rejection of replays', () => {
  it.each(cells(authenticated))(
    '%s, %s mode: what comes a second time is dropped: %s',
    (kind, mode, isThere) => {
      const ends = twoEnds(kind, mode)
      const wires = ['one', 'two', 'three'].map((text) => ends.wireOf(message(text)))
      for (const wire of [...wires, ...wires.toReversed()]) ends.arrive(wire)
      expect(ends.delivered).toHaveLength(isThere ? 3 : 6)
      expect(ends.drops()).toEqual(isThere ? { replay: 3 } : {})
    },
  )
})

describe('confidentiality', () => {
  it.each(cells(encrypted))(
    '%s, %s mode: what is said cannot be read on the way: %s',
    (kind, mode, isThere) => {
      const ends = twoEnds(kind, mode)
      const wire = ends.wireOf(message())
      expect(shows(wire, secret)).toBe(!isThere)
      // Nor that the same was said twice.
      const behindHeaders = (bytes: Uint8Array) => bytes.subarray(bytes.length - 64, bytes.length - 32)
      const again = ends.wireOf(message())
      expect(Buffer.from(behindHeaders(again)).equals(behindHeaders(wire))).toBe(!isThere)
      ends.arrive(wire)
      expect(shows(ends.delivered[0] ?? new Uint8Array(), secret)).toBe(true)
    },
  )
})

describe('limited traffic-flow confidentiality', () => {
  it.each(kinds.map((kind) => [kind, encrypted[kind]] as const))(
    '%s: a tunnel hides who speaks inside, how long, and whether at all: %s',
    (kind, isThere) => {
      const ends = twoEnds(kind, 'tunnel', kind === 'AH' ? {} : { padTo: 1200 })
      const short = ends.wireOf(message('a', 4))
      const long = ends.wireOf(message('a', 1000))
      expect(Buffer.from(short).includes(addressBytes(to))).toBe(!isThere)
      expect(short.length === long.length).toBe(isThere)
      if (!isThere) return
      const dummy = ends.dummy(1200)
      expect(dummy.length).toBe(short.length)
      for (const wire of [short, dummy, long]) ends.arrive(wire)
      expect(ends.delivered).toHaveLength(2)
      expect(ends.drops()).toEqual({ dummy: 1 })
    },
  )

  it.each(kinds)('%s in transport mode hides neither: limited is meant', (kind) => {
    const ends = twoEnds(kind, 'transport')
    const wire = ends.wireOf(message())
    expect(Buffer.from(wire).includes(addressBytes(to))).toBe(true)
    expect(ends.wireOf(message('a', 1000)).length).toBeGreaterThan(wire.length)
  })
})
