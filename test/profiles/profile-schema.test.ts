import { describe, expect, it } from 'vitest'
import { checkProfile } from '../../src-main/profiles/parse.ts'
import { sampleProfile } from './sample-profile.ts'

const problemsOf = (value: unknown) => {
  const checked = checkProfile(value)
  return checked.ok ? [] : checked.error.map(({ where, problem }) => `${where}: ${problem}`)
}

describe('profile schema', () => {
  it('fills in what is left out', () => {
    const profile = sampleProfile()
    expect(profile.gateway.port).toBe(500)
    expect(profile.traffic).toEqual({ remote: ['0.0.0.0/0', '::/0'], local: [] })
    expect(profile.lifetimes).toEqual({ ikeSeconds: 14400, childSeconds: 3600 })
    expect(profile.local.authentication).toMatchObject({ allow: ['mschapv2', 'gtc'] })
  })

  it('survives being stored: a profile parsed twice is the same', () => {
    const profile = sampleProfile({ mtu: 1400 })
    expect(checkProfile(JSON.parse(JSON.stringify(profile)))).toEqual({ ok: true, value: profile })
  })

  it.each([
    ['an unknown field', { colour: 'red' }, 'colour: This field is not known'],
    ['a missing field', { name: undefined }, 'name: This field is missing'],
    [
      'a name that steers the terminal',
      { name: 'a\u001b[2Jb' },
      'name: Must be one line without control characters',
    ],
    [
      'a name that hides its direction',
      { name: 'a\u202eb' },
      'name: Must be one line without control characters',
    ],
    [
      'a URL for a gateway',
      { gateway: { address: 'https://vpn.example.org' } },
      'gateway.address: Must be a host name or an IP address, without scheme or port',
    ],
    [
      'half an address',
      { gateway: { address: '10.0.0' } },
      'gateway.address: Must be a host name or an IP address, without scheme or port',
    ],
    [
      'an option for a gateway',
      { gateway: { address: '-oProxy' } },
      'gateway.address: Must be a host name or an IP address, without scheme or port',
    ],
    [
      'a prefix too long for IPv4',
      { traffic: { remote: ['10.0.0.0/33'], local: [] } },
      'traffic.remote.0: Must be an address prefix such as 10.0.0.0/8 or fd00::/8',
    ],
    [
      'no traffic at all',
      { traffic: { remote: [], local: [] } },
      'traffic.remote: Name at least one network, such as 0.0.0.0/0',
    ],
    [
      'a secret in the wrong place, without repeating it',
      { local: { authentication: { method: 'psk', secret: 'hunter2' } } },
      'local.authentication.secret: Must be Object',
    ],
  ])('refuses %s and says where', (_what, changes, problem) => {
    expect(problemsOf({ ...sampleProfile(), ...changes })).toContain(problem)
  })

  it('refuses to accept any name that a public authority vouches for', () => {
    const anybody = { identity: '%any', authentication: { method: 'certificate', authorities: [] } }
    expect(problemsOf({ ...sampleProfile(), remote: anybody })[0]).toMatch(/^remote\.identity: With %any/)
    const pinned = {
      identity: '%any',
      authentication: { method: 'certificate', authorities: [], pin: `${'A'.repeat(43)}=` },
    }
    expect(problemsOf({ ...sampleProfile(), remote: pinned })).toEqual([])
  })

  it.each(['vpn.example.org', '192.0.2.1', '2001:db8::1', 'gw_1.lan', 'bücher.example'])(
    'takes %s as a gateway',
    (address) => {
      expect(problemsOf({ ...sampleProfile(), gateway: { address } })).toEqual([])
    },
  )
})
