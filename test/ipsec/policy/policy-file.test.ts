import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bundleOf } from '../../../src-main/ipsec/policy/entry.ts'
import type { PolicyEntry, PopulatedField } from '../../../src-main/ipsec/policy/entry.ts'
import { readPolicyFile } from '../../../src-main/ipsec/policy/policy-file.ts'
import { entryText } from '../../../src-main/ipsec/policy/policy-text.ts'
import { problemText } from '../../../src-main/ipsec/policy/text-problem.ts'
import { anyEntry } from './random-policies.ts'

const fields: readonly PopulatedField[] = [
  'local',
  'remote',
  'protocol',
  'local-port',
  'remote-port',
  'message',
]

/** What a file can hold: both ways, out or in; addresses of a common family; comments without edges. */
const anyFileEntry = fc
  .record({
    entry: anyEntry,
    directions: fc.constantFrom(
      ['out', 'in', 'forward'] as const,
      ['out'] as const,
      ['in', 'forward'] as const,
    ),
    names: fc.array(fc.constantFrom('maria@example.org', 'CN=a, O="b"', "it's", '#1', 'a b', '\\'), {
      maxLength: 2,
    }),
    populate: fc.subarray([...fields]),
    comment: fc.option(fc.constantFrom('IKE', 'a "quoted" word', '# twice'), { nil: undefined }),
  })
  .map(({ entry, directions, names, populate, comment }): PolicyEntry => ({
    ...entry,
    directions,
    names,
    populate: entry.action.kind === 'protect' ? populate : [],
    origin: { line: 1, ...(comment === undefined ? {} : { comment }) },
  }))
  .filter(({ selector: { local, remote } }) => {
    if (local === 'any' || remote === 'any') return true
    return local.some((one) => remote.some((other) => one.start.family === other.start.family))
  })

describe('policy files', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyFileEntry, (entry) => {
        expect(readPolicyFile(entryText(entry))).toEqual({ entries: [entry], problems: [] })
      }),
      { numRuns: 250 },
    )
  })

  it('have one entry a line, in their order, with their comments', () => {
    const { entries } = readPolicyFile(`# who may what
bypass udp local-port 500 remote-port 500   # IKE

protect remote 10.1.0.0/16 with esp transport then ah transport id 7
`)
    expect(entries.map(({ origin, action }) => [origin, action.kind])).toEqual([
      [{ line: 2, comment: 'IKE' }, 'bypass'],
      [{ line: 4 }, 'protect'],
    ])
  })

  it('turn a tunnel round for what comes in', () => {
    const [entry] = readPolicyFile('protect with esp tunnel from 10.0.0.1 to 10.0.0.2').entries
    if (entry === undefined) throw new Error('no entry')
    const [out] = bundleOf(entry, 'out')
    const [back] = bundleOf(entry, 'in')
    if (out?.mode !== 'tunnel' || back?.mode !== 'tunnel') throw new Error('no tunnel')
    expect(back.ends).toEqual({ source: out.ends.destination, destination: out.ends.source })
    const [inbound] = readPolicyFile('protect in with esp tunnel from 10.0.0.2 to 10.0.0.1').entries
    if (inbound === undefined) throw new Error('no entry')
    expect(bundleOf(inbound, 'forward')).toEqual([back])
  })

  it.each([
    ['allow tcp', 'line 1, "allow": An entry begins with protect, bypass or discard'],
    ['bypass tpc', 'line 1, "tpc": This word is not known here'],
    ['bypass tcp udp', 'line 1, "udp": An entry says protocol once'],
    ['bypass in out', 'line 1, "out": An entry says the direction once'],
    ['bypass local', 'line 1, "local": A value must follow'],
    [
      'bypass local 10.0.0.9-10.0.0.1',
      'line 1, "10.0.0.9-10.0.0.1": Must be any, or addresses, networks and ranges such as 10.0.0.1,10.1.0.0/16,10.2.0.1-10.2.0.9',
    ],
    [
      'bypass local 10.0.0.1 remote ::1',
      'line 1: Local and remote addresses share no family: no packet can meet this',
    ],
    ['bypass remote-port 80', 'line 1: Ports need a protocol that has them: tcp, udp, udplite, sctp or dccp'],
    [
      'bypass tcp remote-port 0x10000',
      'line 1, "0x10000": Must be any, opaque, or ports such as 80,443,1024-2047',
    ],
    ['bypass tcp type 8', 'line 1: A type needs a protocol that has one: icmp, ipv6-icmp or mobility-header'],
    [
      'bypass icmp type 3-4/1',
      'line 1, "3-4/1": Must be any, opaque, or types and codes such as 8,3/1-4,128-137',
    ],
    ['bypass protocol 256', 'line 1, "256": Must be any, opaque, or the name or number of an IP protocol'],
    ['bypass with esp transport', 'line 1: with is for protect, not for bypass'],
    ['discard populate local', 'line 1: populate is for protect, not for discard'],
    ['protect tcp', 'line 1: protect needs with, such as with esp transport'],
    ['protect with tls', 'line 1, "tls": Must be esp or ah'],
    ['protect with esp beet', 'line 1, "beet": Must be transport or tunnel'],
    ['protect with esp tunnel', 'line 1, "esp": A tunnel has its ends: tunnel from ADDRESS to ADDRESS'],
    [
      'protect with esp tunnel from 10.0.0.1 to ::1',
      'line 1, "esp": The ends of a tunnel must be of one family',
    ],
    [
      'protect with esp transport spi 5',
      'line 1, "spi": An SPI is of one direction: write in or out first, and an entry for each',
    ],
    [
      'protect populate colour with esp transport',
      'line 1, "colour": Must be of local, remote, protocol, local-port, remote-port and type',
    ],
    [
      `protect with esp transport${' then esp transport'.repeat(4)}`,
      'line 1, "then": At most 4 SAs around a packet',
    ],
    ["bypass named ''", 'line 1, "": Must be a name of 1 to 256 letters'],
  ])('tell what is wrong: %s', (line, problem) => {
    const { entries, problems } = readPolicyFile(line)
    expect(problems.map(problemText)).toEqual([problem])
    expect(entries).toEqual([])
  })
})
