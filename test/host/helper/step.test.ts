import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { actionsFor, Step, undoActionsFor } from '../../../src-main/host/helper/step.ts'

const words = (list: readonly ({ run: readonly string[] } | { sysctl: string; value: string })[]) =>
  list.map((action) => ('run' in action ? action.run.join(' ') : `${action.sysctl}=${action.value}`))

/** Each step of the vocabulary: what it runs, and what takes it back. */
const golden: readonly (readonly [Step, readonly string[], readonly string[]])[] = [
  [
    { step: 'device', tunnel: 3, uid: 1000 },
    ['ip -4 tuntap add dev culvert3 mode tun user 1000'],
    ['ip -4 link del dev culvert3'],
  ],
  [{ step: 'quiet', tunnel: 3 }, ['ip -4 link set dev culvert3 addrgenmode none'], []],
  [{ step: 'mtu', tunnel: 3, mtu: 1400 }, ['ip -4 link set dev culvert3 mtu 1400'], []],
  [{ step: 'up', tunnel: 3 }, ['ip -4 link set dev culvert3 up'], []],
  [
    { step: 'address', tunnel: 3, address: '10.9.0.2', length: 32 },
    ['ip -4 addr replace 10.9.0.2/32 dev culvert3 noprefixroute'],
    ['ip -4 addr del 10.9.0.2/32 dev culvert3'],
  ],
  [
    { step: 'address', tunnel: 3, address: 'fd09::2', length: 128 },
    ['ip -6 addr replace fd09::2/128 dev culvert3 noprefixroute nodad'],
    ['ip -6 addr del fd09::2/128 dev culvert3'],
  ],
  [
    { step: 'route', tunnel: 3, prefix: '10.0.0.0/8', source: '10.9.0.2' },
    ['ip -4 route replace 10.0.0.0/8 dev culvert3 table 8443 src 10.9.0.2'],
    ['ip -4 route del 10.0.0.0/8 dev culvert3 table 8443 src 10.9.0.2'],
  ],
  [
    { step: 'route', tunnel: 3, prefix: '::/0' },
    ['ip -6 route replace ::/0 dev culvert3 table 8443'],
    ['ip -6 route del ::/0 dev culvert3 table 8443'],
  ],
  [
    { step: 'local-network', tunnel: 3, prefix: '192.168.1.0/24' },
    ['ip -4 route replace throw 192.168.1.0/24 table 8443'],
    ['ip -4 route del throw 192.168.1.0/24 table 8443'],
  ],
  [
    { step: 'rule-end', tunnel: 3, family: 6 },
    ['ip -6 rule add pref 8640 iif culvert3 nop'],
    ['ip -6 rule del pref 8640 iif culvert3 nop'],
  ],
  [
    { step: 'rule-outside', tunnel: 3, gateway: '203.0.113.1', port: 4500 },
    ['ip -4 rule add pref 8446 to 203.0.113.1 ipproto udp sport 4500 goto 8640'],
    ['ip -4 rule del pref 8446 to 203.0.113.1 ipproto udp sport 4500 goto 8640'],
  ],
  [
    {
      step: 'inbound',
      tunnel: 3,
      rules: [
        { action: 'accept', remote: '10.0.0.0/8', local: '192.0.2.1/32', protocol: 6, localPorts: [22, 22] },
        { action: 'drop', remote: 'fd00::/8', local: '::/0', protocol: 58, message: [32768, 33023] },
      ],
    },
    [
      [
        'nft add table inet culvert3_in',
        'add chain inet culvert3_in before { type filter hook prerouting priority -150; policy accept; }',
        'add rule inet culvert3_in before iifname { "lo", "culvert3" } accept',
        'add rule inet culvert3_in before meta l4proto { esp, ah } accept',
        'add rule inet culvert3_in before frag nexthdr { esp, ah } accept',
        'add rule inet culvert3_in before icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept',
        'add rule inet culvert3_in before ip saddr 10.0.0.0/8 ip daddr 192.0.2.1/32 meta l4proto 6 th dport 22 accept',
        'add rule inet culvert3_in before ip6 saddr fd00::/8 ip6 daddr ::/0 meta l4proto 58 @th,0,16 32768-33023 counter drop',
      ].join('\n'),
    ],
    ['nft delete table inet culvert3_in'],
  ],
  [
    { step: 'rule-peer', tunnel: 3, peer: 'fd00::1', protocol: 'ah' },
    ['ip -6 rule add pref 8446 to fd00::1 ipproto ah goto 8640'],
    ['ip -6 rule del pref 8446 to fd00::1 ipproto ah goto 8640'],
  ],
  [
    { step: 'rule-mark', tunnel: 3, family: 6, mark: 67 },
    ['ip -6 rule add pref 8446 fwmark 67 goto 8640'],
    ['ip -6 rule del pref 8446 fwmark 67 goto 8640'],
  ],
  [
    { step: 'rule-table', tunnel: 3, family: 4 },
    ['ip -4 rule add pref 8447 lookup 8443'],
    ['ip -4 rule del pref 8447 lookup 8443'],
  ],
  [{ step: 'forward', family: 4 }, ['net/ipv4/ip_forward=1'], ['net/ipv4/ip_forward=0']],
  [{ step: 'forward', family: 6 }, ['net/ipv6/conf/all/forwarding=1'], ['net/ipv6/conf/all/forwarding=0']],
  [
    { step: 'resolved', tunnel: 3, servers: ['10.0.0.53', 'fd00::53'], domains: [] },
    [
      'resolvectl domain culvert3 ~.',
      'resolvectl default-route culvert3 yes',
      'resolvectl dns culvert3 10.0.0.53 fd00::53',
    ],
    ['resolvectl revert culvert3'],
  ],
  [
    { step: 'resolved', tunnel: 3, servers: ['10.0.0.53'], domains: ['corp.example', 'lab.example'] },
    [
      'resolvectl domain culvert3 ~corp.example ~lab.example',
      'resolvectl default-route culvert3 no',
      'resolvectl dns culvert3 10.0.0.53',
    ],
    ['resolvectl revert culvert3'],
  ],
]

describe('a step', () => {
  it.each(golden)('%j', (step, done, undone) => {
    expect(words(actionsFor(step))).toEqual(done)
    expect(words(undoActionsFor(step))).toEqual(undone)
    expect(v.parse(Step, step)).toEqual(step)
  })

  it.each([
    { step: 'device', tunnel: 100, uid: 0 },
    { step: 'device', tunnel: -1, uid: 0 },
    { step: 'mtu', tunnel: 0, mtu: 100 },
    { step: 'address', tunnel: 0, address: '10.0.0.1 dev eth0', length: 8 },
    { step: 'route', tunnel: 0, prefix: '10.0.0.1/8' },
    { step: 'route', tunnel: 0, prefix: '10.0.0.0/8\nrule flush' },
    { step: 'route', tunnel: 0, prefix: 'default' },
    { step: 'rule-outside', tunnel: 0, gateway: 'vpn.example.org', port: 1 },
    { step: 'resolved', tunnel: 0, servers: ['10.0.0.1'], domains: ['-x.example'] },
    { step: 'resolved', tunnel: 0, servers: ['10.0.0.1'], domains: ['a b'] },
    { step: 'resolv-conf', tunnel: 0, servers: ['10.0.0.1'], domains: ['a\nnameserver 1.1.1.1'] },
    { step: 'resolv-conf', tunnel: 0, servers: ['10.0.0.1'], domains: [], path: '/etc/passwd' },
    { step: 'run', argv: ['reboot'] },
  ])('is refused when read from a journal: %j', (step) => {
    expect(v.safeParse(Step, step).success).toBe(false)
  })
})
