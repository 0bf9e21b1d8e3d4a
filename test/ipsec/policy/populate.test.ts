import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSelector } from '../../../src-main/ip/traffic-selector.ts'
import { carriesOutbound, compileSelectors } from '../../../src-main/ipsec/selectors.ts'
import { explainPacket } from '../../../src-main/ipsec/policy/explain.ts'
import { boundEntry, factsOf, selectorsFor } from '../../../src-main/ipsec/policy/populate.ts'
import { readPolicyFile } from '../../../src-main/ipsec/policy/policy-file.ts'
import { createPolicyDatabase } from '../../../src-main/ipsec/policy/spd.ts'
import { pingPacket, udpPacket } from '../../fakes/packets.ts'
import { parseAddress } from '../../../src-main/ip/address.ts'
import { createPacketView, readPacket } from '../../../src-main/ip/packet.ts'
import { anyEntry, anyPacket, viewOf } from './random-policies.ts'

const viewIn = (bytes: Uint8Array) => {
  const view = createPacketView()
  expect(readPacket(bytes, 0, bytes.length, view)).toBe(true)
  return view
}
const entryOf = (line: string) => {
  const { entries, problems } = readPolicyFile(line)
  const [entry] = entries
  if (entry === undefined) throw new Error(problems.map(({ problem }) => problem).join())
  return entry
}
const tunnel = 'with esp tunnel from 192.0.2.1 to 192.0.2.2'
const udp = udpPacket({ from: '10.0.0.5', to: '10.1.2.3' })
const later = udpPacket({ from: '10.0.0.5', to: '10.1.2.3', fragmentOffset: 64 })
const ping = pingPacket({ from: '10.0.0.5', to: '10.1.2.3' })

describe('the selectors of a new SA', () => {
  it.each([
    [
      'the entry’s own',
      `protect remote 10.1.0.0/16,10.2.0.0/16,fd00::/8 ${tunnel}`,
      udp,
      ['0.0.0.0/0'],
      ['10.1.0.0/16', '10.2.0.0/16'],
    ],
    [
      'the packet’s addresses',
      `protect remote 10.1.0.0/16 populate local,remote ${tunnel}`,
      udp,
      ['10.0.0.5/32'],
      ['10.1.2.3/32'],
    ],
    [
      'the packet’s port',
      `protect udp remote-port 53-54 populate remote-port ${tunnel}`,
      udp,
      ['0.0.0.0/0[udp]'],
      ['0.0.0.0/0[udp/53]'],
    ],
    [
      'the packet’s protocol',
      `protect populate protocol ${tunnel}`,
      udp,
      ['0.0.0.0/0[udp]'],
      ['0.0.0.0/0[udp]'],
    ],
    [
      'the packet’s type',
      `protect populate protocol,type,remote-port ${tunnel}`,
      ping,
      ['0.0.0.0/0[icmp/8(0)]'],
      ['0.0.0.0/0[icmp/8(0)]'],
    ],
    [
      'types that the entry names',
      `protect icmp type 0,8 ${tunnel}`,
      ping,
      ['0.0.0.0/0[icmp/0]', '0.0.0.0/0[icmp/8]'],
      ['0.0.0.0/0[icmp/0]', '0.0.0.0/0[icmp/8]'],
    ],
    [
      'OPAQUE',
      `protect udp local-port opaque ${tunnel}`,
      later,
      ['0.0.0.0/0[udp/opaque]'],
      ['0.0.0.0/0[udp]'],
    ],
    [
      'both ends in transport mode',
      'protect remote 10.1.0.0/16 with esp transport',
      udp,
      ['10.0.0.5/32'],
      ['10.1.2.3/32'],
    ],
  ])('are %s', (_, line, packet, local, remote) => {
    const made = selectorsFor(entryOf(line), 'out', factsOf(viewIn(packet)))
    if (!made.ok) throw new Error(made.error)
    expect(made.value.local.map(formatSelector)).toEqual(local)
    expect(made.value.remote.map(formatSelector)).toEqual(remote)
  })

  it('are not made of what a packet does not show', () => {
    const entry = entryOf(`protect udp populate remote-port ${tunnel}`)
    expect(selectorsFor(entry, 'out', factsOf(viewIn(later)))).toEqual({ ok: false, error: 'remote-port' })
  })

  it('always carry the packet that they were made for', () => {
    let made = 0
    const fields = fc.subarray([
      'local',
      'remote',
      'protocol',
      'local-port',
      'remote-port',
      'message',
    ] as const)
    fc.assert(
      fc.property(
        fc.array(anyEntry, { minLength: 1, maxLength: 10 }),
        anyPacket,
        fields,
        (entries, packet, populate) => {
          const view = viewOf(packet)
          const entry = createPolicyDatabase(entries).lookup('out', view)
          // An IKE selector cannot say that the protocol itself is hidden.
          if (entry === undefined || entry.selector.protocol === 'opaque') return
          const selectors = selectorsFor({ ...entry, populate }, 'out', factsOf(view))
          if (!selectors.ok) return
          made += 1
          expect(carriesOutbound(compileSelectors(selectors.value), view)).toBe(true)
        },
      ),
      { numRuns: 400 },
    )
    expect(made).toBeGreaterThan(20)
  })

  it('are of an address once the name behind it was proved', () => {
    const address = parseAddress('10.0.0.5')
    if (address === undefined) throw new Error('no address')
    const bound = boundEntry(entryOf(`protect named maria@example.org ${tunnel}`), 'local', address)
    expect(createPolicyDatabase([bound]).lookup('out', viewIn(udp))).toBe(bound)
    const other = udpPacket({ from: '10.0.0.6', to: '10.1.2.3' })
    expect(createPolicyDatabase([bound]).lookup('out', viewIn(other))).toBeUndefined()
  })
})

describe('an explanation', () => {
  it('names the entry that decides, for any policies and packets', () => {
    fc.assert(
      fc.property(
        fc.array(anyEntry, { maxLength: 12 }),
        anyPacket,
        fc.constantFrom('in' as const, 'out' as const, 'forward' as const),
        (entries, packet, direction) => {
          const view = viewOf(packet)
          const { met, passed } = explainPacket(entries, direction, factsOf(view))
          expect(met?.entry).toBe(createPolicyDatabase(entries).lookup(direction, view))
          expect(passed.every(({ reasons }) => reasons.length > 0)).toBe(true)
        },
      ),
      { numRuns: 250 },
    )
  })
})
