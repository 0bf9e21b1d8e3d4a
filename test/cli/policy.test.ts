import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stepsOf } from '../../src-main/cli/policy-running.ts'
import { askedPacket } from '../../src-main/cli/policy-packet.ts'
import { policiesInForce } from '../../src-main/engine/policies.ts'
import type { PolicyStatus } from '../../src-shared/status.ts'
import { fakeWorld } from './fake-world.ts'
import type { FakeWorld } from './fake-world.ts'

let world: FakeWorld
beforeEach(() => {
  world = fakeWorld()
})
afterEach(() => world.dispose())

const classic = 'docs/examples/classic-host.policy'
const own = '198.51.100.5'

function file(text: string): string {
  const path = join(world.root, 'a.policy')
  writeFileSync(path, text)
  return path
}

describe('culvert policy explain', () => {
  it('tells of the classic host, one entry after the other', async () => {
    const words = '--src 198.51.100.5 --dst 203.0.113.10 --proto tcp --dport 80'
    expect(await world.culvert('policy', 'explain', '--policy', classic, ...words.split(' '))).toBe(0)
    expect(world.read()).toEqual({
      err: '',
      out: `tcp from 198.51.100.5:49152 to 203.0.113.10:80, which leaves this host

  line 3: bypass udp local-port 500 remote-port 500
      no: tcp is not udp
  line 4: bypass icmp
      no: tcp is not icmp
  line 5: bypass ipv6-icmp
      no: tcp is not ipv6-icmp
  line 6: protect remote 10.1.0.0/16 with esp transport
      no: the remote address 203.0.113.10 is not in 10.1.0.0/16
→ line 7: protect tcp remote 203.0.113.10 remote-port 80 with esp transport  (the server, plain HTTP)

It leaves under ESP in transport mode from 198.51.100.5 to 203.0.113.10.
Without such an SA it does not leave at all, and never unprotected.
`,
    })
  })

  const leaves = 'It leaves as it is, unprotected.'
  const letIn = 'It is let in as it is, unprotected.'
  const dropped = 'It is dropped.'
  it.each([
    ['IKE', `--src ${own} --dst 10.1.0.9 --proto udp --sport 500 --dport 500`, 3, leaves],
    [
      'IKE that comes',
      `--src 10.1.0.9 --dst ${own} --proto udp --sport 500 --dport 500 --direction in`,
      3,
      letIn,
    ],
    ['a ping to the intranet', `--src ${own} --dst 10.1.0.9 --icmp 8`, 4, leaves],
    ['an ICMP error', `--src 203.0.113.77 --dst ${own} --icmp 3/4 --direction in`, 4, letIn],
    ['a neighbour', `--src fe80::1 --dst fe80::2 --icmp 135`, 5, leaves],
    [
      'the intranet',
      `--src ${own} --dst 10.1.0.9 --proto tcp --dport 22`,
      6,
      `It leaves under ESP in transport mode from ${own} to 10.1.0.9.`,
    ],
    [
      'UDP that is not IKE',
      `--src ${own} --dst 10.1.0.9 --proto udp --dport 500`,
      6,
      `It leaves under ESP in transport mode from ${own} to 10.1.0.9.`,
    ],
    [
      'a fragment to the intranet',
      `--src ${own} --dst 10.1.0.9 --proto tcp`,
      6,
      `It leaves under ESP in transport mode from ${own} to 10.1.0.9.`,
    ],
    [
      'the intranet answers',
      `--src 10.1.0.9 --dst ${own} --proto tcp --sport 22 --direction in`,
      6,
      `It must have come under ESP in transport mode from 10.1.0.9 to ${own}.`,
    ],
    [
      'HTTP answers',
      `--src 203.0.113.10 --dst ${own} --proto tcp --sport 80 --direction in`,
      7,
      `It must have come under ESP in transport mode from 203.0.113.10 to ${own}.`,
    ],
    ['HTTPS', `--src ${own} --dst 203.0.113.10 --proto tcp --dport 443`, 8, leaves],
    ['HTTPS over UDP', `--src ${own} --dst 203.0.113.10 --proto udp --dport 443`, 9, dropped],
    ['a fragment to the server', `--src ${own} --dst 203.0.113.10 --proto tcp`, 9, dropped],
    [
      "the server's neighbour",
      `--src 203.0.113.11 --dst ${own} --proto tcp --sport 80 --direction in`,
      9,
      dropped,
    ],
    ['everything else', `--src ${own} --dst 192.0.2.1 --proto tcp --dport 80`, 10, leaves],
    ['everything else, IPv6', `--src fd00::1 --dst fd00::2 --proto gre --direction in`, 10, letIn],
  ])('decides as the classic host should: %s', async (_, words, line, outcome) => {
    expect(await world.culvert('policy', 'explain', '--json', '--policy', classic, ...words.split(' '))).toBe(
      0,
    )
    const value = JSON.parse(world.read().out) as { met: { line: number }; outcome: string[] }
    expect([value.met.line, value.outcome[0]]).toEqual([line, outcome])
  })

  it('tells what happens to a packet that no entry takes, and of a bundle in a tunnel', async () => {
    const path = file(
      'protect out remote 10.0.0.0/8 populate remote with esp transport then ah tunnel from 192.0.2.1 to 192.0.2.2',
    )
    const ask = (dst: string) =>
      world.culvert('policy', 'explain', '--policy', path, '--src', own, '--dst', dst, '--proto', '47')
    expect(await ask('11.0.0.1')).toBe(0)
    expect(world.read().out).toContain('No entry takes it: it is dropped.')
    expect(await ask('10.0.0.1')).toBe(0)
    expect(world.read().out)
      .toContain(`It leaves under ESP in transport mode from ${own} to 10.0.0.1, and around it AH in tunnel mode from 192.0.2.1 to 192.0.2.2.
Without such an SA it does not leave at all, and never unprotected.
The SA is made for this packet's own remote alone.`)
  })

  it('tells of a file for ip xfrm as its kernel would decide', async () => {
    const path = file(
      'ip xfrm policy add src 10.0.0.1 dst 10.0.0.2 dir out priority 2\nip xfrm policy add dir out dst 10.0.0.0/8 action block priority 1',
    )
    const ask = (dst: string) =>
      world.culvert(
        'policy',
        'explain',
        '--policy',
        path,
        '--src',
        '10.0.0.1',
        '--dst',
        dst,
        '--proto',
        'tcp',
      )
    expect(await ask('10.0.0.2')).toBe(0)
    expect(world.read().out).toContain('→ line 2: discard out local 0.0.0.0/0 remote 10.0.0.0/8')
    expect(await ask('11.0.0.2')).toBe(0)
    expect(world.read().out).toContain('→ no policy takes it, and a kernel lets such packets pass')
  })

  it.each([
    ['--dst 10.0.0.1 --proto tcp', '--src must be given, and be an IP address.'],
    ['--src ::1 --dst 10.0.0.1 --proto tcp', '--src and --dst must be addresses of one family.'],
    [
      '--src 10.0.0.1 --dst 10.0.0.1',
      '--proto must be given: the name or number of a protocol, such as tcp.',
    ],
    [
      '--src 10.0.0.1 --dst 10.0.0.1 --proto gre --dport 1',
      'gre has no ports: leave --sport and --dport out.',
    ],
    ['--src 10.0.0.1 --dst 10.0.0.1 --proto tcp --icmp 8', 'tcp has no message types: leave --icmp out.'],
    ['--src 10.0.0.1 --dst 10.0.0.1 --icmp 8/', '--icmp is a type, or a type and a code such as 3/4.'],
    ['--src 10.0.0.1 --dst 10.0.0.1 --proto tcp --sport x', '--sport is a number from 0 to 65535.'],
    ['--src 10.0.0.1 --dst 10.0.0.1 --proto tcp --direction up', '--direction is in, out or forward.'],
  ])('asks for a packet that can be: %s', async (words, problem) => {
    expect(await world.culvert('policy', 'explain', '--policy', classic, ...words.split(' '))).toBe(2)
    expect(world.read().err).toContain(problem)
  })

  it('says that nothing is connected where no file is named', async () => {
    const words = ['--src', own, '--dst', own, '--proto', 'tcp']
    expect(await world.culvert('policy', 'explain', ...words)).toBe(12)
  })
})

describe('policies of a running connection', () => {
  const child: PolicyStatus = {
    direction: 'outbound',
    action: 'protect',
    local: '10.9.0.2/32',
    remote: '10.1.0.0/16',
    protocol: 'tcp 80',
    spi: 0x1234,
    reason: 'agreed with the gateway',
  }
  const bypass = policiesInForce({
    tunnels: [
      {
        endpoint: { address: '198.51.100.1', port: 4500 },
        site: { localAddress: '192.168.1.2', socket: { localPort: 4500 } },
        session: { children: [] },
      },
    ],
    interfaceName: 'culvert0',
  })
  const policies = [...bypass.slice(0, 2), child, ...bypass.slice(2)]
  const ask = (words: Parameters<typeof askedPacket>[0]) =>
    stepsOf(policies, askedPacket(words)).map(({ met, words: said }) => [met, said])

  it('explain the packets of IKE, of the tunnel and of neither', () => {
    expect(
      ask({ src: '192.168.1.2', dst: '198.51.100.1', proto: 'udp', sport: '4500', dport: '4500' }),
    ).toEqual([['yes', 'it passes unprotected: IKE, and ESP in UDP, to the gateway']])
    expect(ask({ src: '10.9.0.2', dst: '10.1.2.3', proto: 'tcp', dport: '80' })).toEqual([
      ['no', 'the remote address 10.1.2.3 is not in 198.51.100.1'],
      ['yes', 'it leaves protected, on SA 00001234'],
    ])
    expect(ask({ src: '10.9.0.2', dst: '10.1.2.3', proto: 'tcp', dport: '443' })).toEqual([
      ['no', 'the remote address 10.1.2.3 is not in 198.51.100.1'],
      ['no', 'its remote port is 443, not 80'],
      ['if', 'is routed to culvert0, and no Child SA carries it'],
      ['if', 'is not routed into the tunnel: leaves as without Culvert'],
    ])
    expect(
      ask({
        src: '198.51.100.1',
        dst: '192.168.1.2',
        proto: 'udp',
        sport: '4500',
        dport: '4500',
        direction: 'in',
      }),
    ).toEqual([['yes', 'it passes unprotected: IKE, and ESP in UDP, from the gateway']])
  })
})

describe('policies of keys by hand', () => {
  const entry: PolicyStatus = {
    direction: 'outbound',
    action: 'protect',
    local: '10.9.0.2/32, 10.9.1.1-10.9.1.9',
    remote: 'any',
    protocol: 'tcp from 1024-2047, 4000 to 80, 443',
    spi: 5,
    reason: 'ESP transport; line 7',
  }
  it.each([
    ['10.9.1.4', '2000', '443', 'yes', 'it leaves protected, on SA 00000005'],
    ['10.9.1.4', '4000', '22', 'no', 'its remote port is 22, not 80,443'],
    ['10.9.1.10', '4000', '80', 'no', 'the local address 10.9.1.10 is not in 10.9.0.2,10.9.1.1-10.9.1.9'],
  ])('explain lists of addresses and ports: %s %s %s', (src, sport, dport, met, words) => {
    const asked = askedPacket({ src, dst: '10.0.0.1', proto: 'tcp', sport, dport })
    expect(stepsOf([entry], asked)).toMatchObject([{ met, words }])
  })
})

describe('culvert policy check', () => {
  it('finds nothing in the classic host', async () => {
    expect(await world.culvert('policy', 'check', classic)).toBe(0)
    expect(world.read().out).toBe('8 entries: this file can be used.\n')
  })

  it('says what is probably not meant', async () => {
    const path = file(`protect remote 10.0.0.0/8 with esp transport
bypass tcp remote 10.1.0.0/16 remote-port 443
bypass udp local-port 500 remote-port 500`)
    expect(await world.culvert('policy', 'check', path)).toBe(0)
    expect(world.read().out).toBe(`! line 2: nothing reaches this entry: line 1 takes all of it before.
! line 1: IKE itself would have to be protected, by SAs that only IKE makes. Put "bypass udp local-port 500 remote-port 500" before it.
· What meets no entry is dropped. If that is not meant, end with "bypass".
3 entries: this file can be used.
`)
  })

  it('says each line that cannot be used, and ends with code 3', async () => {
    const path = file('bypass tpc\nbypass')
    expect(await world.culvert('policy', 'check', path)).toBe(3)
    expect(world.read().out).toBe(`✗ line 1, "tpc": This word is not known here.
This file cannot be used. Mend what is marked ✗.
`)
    const words = ['--src', own, '--dst', own, '--proto', 'tcp']
    expect(await world.culvert('policy', 'explain', '--policy', path, ...words)).toBe(3)
  })

  it('counts what a file for ip xfrm has, and never shows its keys', async () => {
    const path =
      file(`ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 5 enc 'cbc(aes)' secretsecretsecr flag wildrecv
ip xfrm policy add dir out`)
    expect(await world.culvert('policy', 'check', path, '--json')).toBe(3)
    const { out } = world.read()
    expect(JSON.parse(out)).toMatchObject({ syntax: 'ip xfrm', entries: 1, states: 0 })
    expect(out).not.toContain('secretsecret')
  })

  it('says that a file is not there', async () => {
    expect(await world.culvert('policy', 'check', join(world.root, 'none'))).toBe(2)
    expect(world.read().err).toContain('cannot be used: there is no such file.')
  })
})

describe('culvert policy', () => {
  it.each([
    [['policy'], /Usage: culvert policy/],
    [['policy', 'bogus'], /unknown command 'bogus'/],
    [['policy', 'check'], /missing required argument 'file'/],
    [['policy', 'explain', '--colour', 'red'], /unknown option '--colour'/],
  ])('is used wrongly: %s', async (words, problem) => {
    expect(await world.culvert(...words)).toBe(2)
    expect(world.read().err).toMatch(problem)
  })

  it('says how to use it', async () => {
    expect(await world.culvert('help', 'policy')).toBe(0)
    expect(world.read().out).toMatch(/check[^]*mirror[^]*explain/)
  })
})

describe('culvert policy mirror', () => {
  const state = "ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 5 enc 'cbc(aes)' secretsecretsecr"

  it('writes the keys of the other end into a new file, for its owner alone', async () => {
    const path = file(
      `${state}\nip xfrm policy add src 10.0.0.1 dst 10.0.0.2 dir out tmpl proto esp mode transport`,
    )
    expect(await world.culvert('policy', 'mirror', path)).toBe(2)
    expect(world.read().err).toContain('This file has keys: name a new file for its mirror, --output FILE.')
    const output = join(world.root, 'mirror')
    expect(await world.culvert('policy', 'mirror', path, '--output', output)).toBe(0)
    expect(world.read()).toEqual({ out: '', err: '' })
    expect(statSync(output).mode & 0o777).toBe(0o600)
    expect(readFileSync(output, 'utf8'))
      .toBe(`ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x00000005 mode transport enc 'cbc(aes)' 0x${Buffer.from('secretsecretsecr').toString('hex')}
ip xfrm policy add src 10.0.0.1 dst 10.0.0.2 dir in tmpl proto esp mode transport
ip xfrm policy add src 10.0.0.1 dst 10.0.0.2 dir fwd tmpl proto esp mode transport
`)
    expect(await world.culvert('policy', 'mirror', path, '--output', output)).toBe(2)
    expect(world.read().err).toContain('cannot be written: it exists already.')
  })

  it('tells policies in plain words to a kernel', async () => {
    const path = file(
      'protect tcp local 10.0.0.1 remote 10.1.0.0-10.1.0.2 remote-port 80 with esp tunnel from 10.0.0.1 to 10.0.0.9',
    )
    expect(await world.culvert('policy', 'mirror', path)).toBe(0)
    const lines = world.read().out.trimEnd().split('\n')
    expect(lines).toHaveLength(6)
    expect(lines).toContain(
      'ip xfrm policy add src 10.0.0.1 dst 10.1.0.0/31 proto tcp dport 80 dir in priority 1 tmpl src 10.0.0.1 dst 10.0.0.9 proto esp mode tunnel',
    )
    expect(lines).toContain(
      'ip xfrm policy add src 10.1.0.2 dst 10.0.0.1 proto tcp sport 80 dir out priority 1 tmpl src 10.0.0.9 dst 10.0.0.1 proto esp mode tunnel',
    )
  })

  it('says what no kernel can be told', async () => {
    const path = file('bypass\nbypass tcp local-port 1-1023')
    expect(await world.culvert('policy', 'mirror', path)).toBe(3)
    expect(world.read().err).toContain(
      'line 2, "bypass tcp local-port 1-1023": A kernel does not know OPAQUE, port 0, nor ranges of more than 64 ports.',
    )
  })
})
