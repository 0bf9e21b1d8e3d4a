import fc from 'fast-check'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseAddress } from '../../../src-main/ip/address.ts'
import { kernelDefault, kernelPolicies } from '../../../src-main/ipsec/policy/kernel-policies.ts'
import type { ManualSa } from '../../../src-main/ipsec/policy/manual-sa.ts'
import { readPolicyFile } from '../../../src-main/ipsec/policy/policy-file.ts'
import { createPolicyDatabase } from '../../../src-main/ipsec/policy/spd.ts'
import { problemText } from '../../../src-main/ipsec/policy/text-problem.ts'
import { readXfrm, wipeKeys } from '../../../src-main/ipsec/policy/xfrm.ts'
import { entriesInOrder } from '../../../src-main/ipsec/policy/xfrm-policy.ts'
import { mirroredPolicies, xfrmPolicyLine } from '../../../src-main/ipsec/policy/xfrm-text.ts'
import { anyPacket, viewOf } from './random-policies.ts'
import { anySa, anyXfrmPolicy, nameOf, textOf } from './random-xfrm.ts'

const problemsOf = (text: string) => readXfrm(text).problems.map(problemText)

/** A configuration with its keys in sight and without lines, to compare. */
function seen(text: string) {
  const { configuration, problems } = readXfrm(text)
  expect(problems).toEqual([])
  return {
    sas: configuration.sas.map((sa) => told(sa)),
    policies: configuration.policies.map(({ entry: { origin: _, ...entry }, priority }) => ({
      entry,
      priority,
    })),
  }
}
const told = ({ line: _, ...sa }: ManualSa) => ({
  ...sa,
  encryption: sa.encryption && { ...sa.encryption, key: [...sa.encryption.key.reveal()] },
  integrity: sa.integrity && { ...sa.integrity, key: [...sa.integrity.key.reveal()] },
})

describe('files for ip xfrm', () => {
  it('are read as they were written, every field', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anySa, { maxLength: 3, selector: nameOf }),
        fc.array(anyXfrmPolicy, { maxLength: 4 }),
        (sas, policies) => {
          expect(seen(textOf(sas, policies))).toEqual({ sas: sas.map(told), policies })
        },
      ),
      { numRuns: 150 },
    )
  })

  it('are understood as people write them', () => {
    const text = `
# host to host
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1001 reqid 1 mode transport \\
    auth 'hmac(sha1)' 0x000102030405060708090a0b0c0d0e0f10111213 enc "cbc(aes)" abcdefghijklmnop \\
    replay-window 32 flag nopmtudisc decap-dscp limit byte-hard 1000   # one way
xfrm state update src 10.0.0.2 dst 10.0.0.1 proto ah spi 4098 auth-trunc sha256 0x${'00'.repeat(32)} 128
ip xfrm policy add src 10.0.0.1 dst 10.0.0.2/32 proto tcp dport 80 dir out priority 7 ptype main tmpl proto esp reqid 1 mode transport level required
ip -6 xfrm policy add dir in action block
`
    const { configuration, problems } = readXfrm(text)
    expect(problems).toEqual([])
    const [first, second] = configuration.sas
    expect(first).toMatchObject({
      line: 3,
      spi: 0x1001,
      requestId: 1,
      mode: 'transport',
      encryption: { name: 'aes-cbc', keyBits: 128 },
      integrity: { name: 'hmac-sha1-96' },
      replayWindow: 32,
      flags: ['nopmtudisc', 'decap-dscp'],
      lifetime: { hardBytes: 1000 },
    })
    expect(new TextDecoder().decode(first?.encryption?.key.reveal())).toBe('abcdefghijklmnop')
    expect(second).toMatchObject({ protocol: 'ah', spi: 4098, integrity: { name: 'hmac-sha256-128' } })
    const [out, block] = configuration.policies
    expect(out).toMatchObject({
      priority: 7,
      entry: {
        directions: ['out'],
        selector: { protocol: 6, localPorts: 'any', remotePorts: [{ first: 80, last: 80 }] },
        action: { kind: 'protect', bundle: [{ protocol: 'esp', mode: 'transport', requestId: 1 }] },
      },
    })
    expect(block?.entry.action).toEqual({ kind: 'discard' })
    expect(block?.entry.selector.local).toMatchObject([{ start: { family: 6, value: 0n } }])
    wipeKeys(configuration)
    expect(first?.encryption?.key.wiped && second?.integrity?.key.wiped).toBe(true)
  })

  const state = 'ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 1'
  const policy = 'ip xfrm policy add dir out'
  const gcm = `aead 'rfc4106(gcm(aes))' 0x${'11'.repeat(20)} 128`
  const nothing = "enc 'ecb(cipher_null)' ''"
  it.each([
    [`${state} ${gcm} mode beet`, 'line 1, "beet": Must be transport or tunnel: no other mode is supported'],
    [`${state} ${gcm} mark 5`, 'line 1, "mark": Marks are not supported'],
    [`${state} ${gcm} flag wildrecv`, 'line 1, "wildrecv": Receiving for any destination is not supported'],
    [`${state} ${gcm} flag none`, 'line 1, "none": This is no flag'],
    [`${state} ${gcm} flag esn`, 'line 1: Extended sequence numbers need a replay-window'],
    [`${state} ${gcm} replay-window 5000`, 'line 1, "5000": Must be a whole number from 0 to 4096'],
    [`${state} ${gcm} reqid 010`, 'line 1, "010": Must be a whole number from 0 to 4294967295'],
    [
      `${state} ${gcm} encap espintcp 1 2 0.0.0.0`,
      'line 1, "espintcp": Must be espinudp: nothing else is supported',
    ],
    [`${state} ${gcm} sel dev eth0`, 'line 1, "eth0": Selecting by a network device is not supported'],
    [
      `${state} ${gcm} limit packet-soft 0`,
      `line 1, "0": Must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`,
    ],
    [`${state} ${gcm} ${nothing}`, 'line 1, "enc": There is one already'],
    [
      `${state} ${gcm} auth 'hmac(sha1)' 0x${'00'.repeat(20)}`,
      'line 1: A combined-mode cipher takes no auth beside it',
    ],
    [`${state} ${gcm} spi`, 'line 1, "spi": A value must follow'],
    [`${state} ${gcm} tfcpad 100`, 'line 1: Padding to a length is for tunnels'],
    [`${state} comp deflate`, 'line 1, "comp": Compression is not supported'],
    [state, `line 1: The state lacks its encryption: enc or aead (enc 'ecb(cipher_null)' '' for none)`],
    [
      `${state} enc 'cbc(serpent)' 0x00`,
      'line 1, "enc": cbc(serpent) is no encryption that is supported here',
    ],
    [
      `${state} enc 0x${'ab'.repeat(16)} x`,
      'line 1, "enc": What follows is no encryption that is supported here',
    ],
    [
      `${state} enc 'cbc(aes)' 0x123`,
      'line 1, "enc": Behind 0x a key has an even number of hexadecimal digits',
    ],
    [`${state} enc 'cbc(aes)' 0x1234`, 'line 1, "enc": The key of cbc(aes) has 16 or 24 or 32 bytes, not 2'],
    [
      `${state} aead 'rfc4106(gcm(aes))' 0x00 128`,
      'line 1, "aead": The key of rfc4106(gcm(aes)) has 20 or 28 or 36 bytes, the last 4 of them salt, not 1',
    ],
    [
      `${state} aead 'rfc4106(gcm(aes))' 0x00 32`,
      'line 1, "aead": rfc4106(gcm(aes)) has a check value of 128 or 96 or 64 bits here',
    ],
    [
      `${state} ${nothing} auth 'hmac(sha256)' 0x00`,
      'line 1, "auth": hmac(sha256) cut to 96 bits is not supported: RFC 4868 has 128; write auth-trunc \'hmac(sha256)\' KEY 128',
    ],
    [
      state.replace('proto esp', 'proto comp'),
      'line 1, "comp": Must be esp or ah: nothing else is supported',
    ],
    [
      state.replace('10.0.0.2', 'fd00::1') + ` ${gcm}`,
      'line 1: Source and destination of a state must be of one family',
    ],
    [
      state.replace('proto esp', 'proto ah') + ` ${gcm}`,
      'line 1: AH does not encrypt: it takes auth or auth-trunc alone',
    ],
    [`${policy} mark 1`, 'line 1, "mark": Marks are not supported'],
    [`${policy} dev eth0`, 'line 1, "eth0": Selecting by a network device is not supported'],
    [`${policy} proto tcp sport 0`, 'line 1, "0": Must be a whole number from 1 to 65535'],
    [`${policy} sport 80`, 'line 1: Ports need a protocol that has them, such as proto tcp'],
    [`${policy} proto icmp code 1`, 'line 1: A code without a type is not supported'],
    [`${policy} src 10.0.0.1 dst ::1`, 'line 1: Source and destination of a selector must be of one family'],
    [
      `${policy} tmpl mode transport`,
      'line 1, "tmpl": The template lacks its protocol: proto esp or proto ah',
    ],
    [
      `${policy} tmpl proto esp mode tunnel`,
      'line 1, "tmpl": A template in tunnel mode needs src and dst, the ends of the tunnel',
    ],
    [
      `${policy} tmpl proto esp level use`,
      'line 1, "use": Must be required: what may also go without protection is not supported',
    ],
    [`${policy} action block tmpl proto esp`, 'line 1: A policy that blocks has no templates'],
    [`${policy} ptype sub`, 'line 1, "sub": Must be main: no other type is supported'],
    ['ip xfrm policy add src 10.0.0.1', 'line 1: The policy lacks its direction: dir in, out or fwd'],
    [
      'ip xfrm state delete src 10.0.0.1',
      'line 1, "delete": Must be add: a file says what there is, not what is to be changed',
    ],
    ['ip route add default', 'line 1: A line begins with ip xfrm state add or ip xfrm policy add'],
    [`\n${state} "`, 'line 2: A quote " is opened and never closed'],
  ])('tell what cannot be followed: %s', (line, problem) => {
    expect(problemsOf(line)).toEqual([problem])
    expect(readXfrm(line).configuration).toEqual({ sas: [], policies: [] })
  })

  it('tell what is followed otherwise', () => {
    const text = `ip xfrm state flush\n${policy} index 5 flag localok limit time-hard 5 tmpl src 10.0.0.1 dst 10.0.0.2 proto esp`
    const { problems, configuration } = readXfrm(text)
    expect(problems.map(({ level, word }) => [level, word])).toEqual([
      ['note', 'flush'],
      ['note', 'index'],
      ['warning', 'localok'],
      ['warning', 'limit'],
      ['note', 'tmpl'],
    ])
    expect(configuration.policies).toHaveLength(1)
  })

  it('name an SA once', () => {
    expect(problemsOf(`${state} ${gcm}\n${state} ${gcm}`)).toEqual([
      'line 2: Line 1 has a state of this destination, protocol and SPI already',
    ])
  })

  it('never show a key, wherever it stands', () => {
    const secret = 'abcdefghijklmnop'
    const reading = readXfrm(`${state} enc 'cbc(aes)' ${secret}`)
    expect(
      inspect(reading, { depth: 9 }) +
        JSON.stringify(reading, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value)),
    ).not.toContain(secret)
    for (const line of [
      `${state} enc ${secret}`,
      `${state} enc aes x ${secret}`,
      `${state} auth-trunc 'hmac(sha1)' ${secret}`,
      `${state} auth-trunc 'hmac(sha1)' ${secret} ${secret}`,
      `${state} aead ${secret} ${secret} ${secret}`,
      `${state} enc 'cbc(aes)' ${secret} ${secret}`,
    ]) {
      const problems = problemsOf(line)
      expect(problems).toHaveLength(1)
      expect(problems.join()).not.toContain(secret)
    }
  })

  it('have their policies asked by priority, equals in the order of the file', () => {
    const lines = [5, 1, 5, 0].map((priority, index) => `${policy} priority ${priority} dst 10.0.0.${index}`)
    const order = entriesInOrder(readXfrm(lines.join('\n')).configuration.policies)
    expect(order.map(({ origin }) => origin?.line)).toEqual([4, 2, 1, 3])
  })

  it('say the same from the other end: what leaves here comes in there', () => {
    const here =
      readXfrm(`${policy} src 10.0.0.1 dst 10.0.0.2 proto tcp dport 80 tmpl src 10.9.0.1 dst 10.9.0.2 proto esp mode tunnel
ip xfrm policy add src 10.0.0.2 dst 10.0.0.1 dir in
ip xfrm policy add src 10.0.0.2 dst 10.0.0.1 dir fwd`).configuration.policies
    const there = mirroredPolicies(here)
    // The packet's own fields stay as they are: only the direction changes.
    expect(there.map(xfrmPolicyLine)).toEqual([
      'ip xfrm policy add src 10.0.0.1 dst 10.0.0.2 proto tcp dport 80 dir in tmpl src 10.9.0.1 dst 10.9.0.2 proto esp mode tunnel',
      'ip xfrm policy add src 10.0.0.1 dst 10.0.0.2 proto tcp dport 80 dir fwd tmpl src 10.9.0.1 dst 10.9.0.2 proto esp mode tunnel',
      'ip xfrm policy add src 10.0.0.2 dst 10.0.0.1 dir out',
    ])
    const address = (text: string) => [{ start: parseAddress(text), end: parseAddress(text) }]
    expect(there[0]?.entry.selector).toMatchObject({
      local: address('10.0.0.2'),
      remote: address('10.0.0.1'),
      localPorts: [{ first: 80, last: 80 }],
    })
  })
})

describe('policies for a kernel', () => {
  it('decide about every packet as the entries do that they come from', () => {
    const { entries, problems } = readPolicyFile(`bypass udp local-port 500 remote-port 500
protect in tcp local 10.0.0.0-10.0.0.255 local-port 80,443 with esp transport
discard icmp type 8,3/0-4
protect local 10.0.0.0/24,fd00::/64 remote 0.0.0.0/1,fd00::/16 with esp tunnel from 10.0.0.1 to 10.0.0.2 then ah transport
discard tcp`)
    expect(problems).toEqual([])
    const made = kernelPolicies(entries)
    if (!made.ok) throw new Error(made.error.problem)
    const again = readXfrm(made.value.map(xfrmPolicyLine).join('\n')).configuration.policies
    const ours = createPolicyDatabase([...entries, kernelDefault])
    const kernels = createPolicyDatabase([...entriesInOrder(again), kernelDefault])
    fc.assert(
      fc.property(
        anyPacket,
        fc.constantFrom('in' as const, 'out' as const, 'forward' as const),
        (packet, direction) => {
          const view = viewOf(packet)
          expect(kernels.lookup(direction, view)?.action.kind).toBe(ours.lookup(direction, view)?.action.kind)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['protect named maria with esp transport', 'A kernel does not know identities'],
    ['protect populate remote with esp transport', 'A kernel cannot populate an SA from the packet'],
    ['bypass tcp local-port 1-65', 'A kernel does not know OPAQUE, port 0, nor ranges of more than 64 ports'],
    ['bypass tcp remote-port 0', 'A kernel does not know OPAQUE, port 0, nor ranges of more than 64 ports'],
    ['bypass protocol opaque', 'A kernel does not know OPAQUE, port 0, nor ranges of more than 64 ports'],
    ['bypass tcp local 10.0.0.1-10.0.0.254 local-port 1-64', 'More than 1000 policies of one entry'],
  ])('are not made of what it cannot hold: %s', (line, problem) => {
    const made = kernelPolicies(readPolicyFile(line).entries)
    expect(made.ok ? made.value.length : made.error.problem).toBe(problem)
  })
})
