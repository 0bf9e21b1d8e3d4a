import { describe, expect, it } from 'vitest'
import { blockRuleset, openRuleset } from '../../../src-main/host/linux/firewall.ts'

describe('the ruleset of the kill switch', () => {
  it('lets out the tunnel’s own packets, what goes into the tunnel, and what keeps an address alive', () => {
    const ruleset = blockRuleset({
      ways: [
        { gateway: '198.51.100.2', localPort: 40_001, ports: [500, 4500] },
        { gateway: 'fd00:100::2', localPort: 40_002, ports: [4500] },
      ],
      devices: ['culvert0'],
    })
    expect(ruleset).toBe(`table inet culvert
delete table inet culvert
table inet culvert {
  chain output {
    type filter hook output priority 0; policy drop;
    oifname "lo" accept
    oifname "culvert0" accept
    ip daddr 198.51.100.2 udp sport 40001 udp dport { 500, 4500 } accept
    ip6 daddr fd00:100::2 udp sport 40002 udp dport { 4500 } accept
    meta nfproto ipv4 udp sport 68 udp dport 67 accept
    ip6 saddr fe80::/10 udp sport 546 udp dport 547 accept
    icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
    reject with icmpx type admin-prohibited
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    oifname "culvert0" accept
    iifname "culvert0" accept
    reject with icmpx type admin-prohibited
  }
}
`)
  })

  it('without exceptions names no address and no device but loopback', () => {
    const ruleset = blockRuleset({ ways: [], devices: [] })
    expect(ruleset).not.toMatch(/daddr|culvert\d/)
    expect(ruleset.match(/policy drop/g)).toHaveLength(2)
  })

  it('is taken back whole', () => {
    expect(openRuleset).toBe('table inet culvert\ndelete table inet culvert\n')
  })
})
