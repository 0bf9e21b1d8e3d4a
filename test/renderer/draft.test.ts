import { describe, expect, it } from 'vitest'
import * as v from 'valibot'
import { draftOf, newProfile, unreadable } from '../../src-renderer/views/editor/draft.ts'
import { neededSecrets, profileOf, typedSecrets } from '../../src-renderer/views/editor/draft-profile.ts'
import { lineOf, problemAt, told } from '../../src-renderer/views/editor/problems.ts'
import {
  readCount,
  readDuration,
  readList,
  readSize,
  writeDuration,
  writeSize,
} from '../../src-renderer/views/editor/quantities.ts'
import { Profile } from '../../src-shared/profile.ts'
import fc from 'fast-check'

const id = '6f1b2c3d-0000-4000-8000-000000000001'
const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'

const certificate = {
  method: 'certificate',
  certificates: [pem],
  key: { from: 'file', path: '~/key' },
  keyPassword: { from: 'prompt' },
} satisfies Profile['local']['authentication']

const full: Profile = v.parse(Profile, {
  version: 1,
  id,
  name: 'Office',
  gateway: { address: 'vpn.example.org', port: 4500 },
  ikeVersion: 2,
  local: {
    identity: 'maria@example.org',
    authentication: {
      method: 'certificate',
      certificates: [pem],
      key: { from: 'store', id: 'k1' },
      keyPassword: { from: 'file', path: '~/pass' },
    },
  },
  remote: {
    identity: 'CN=gateway',
    authentication: { method: 'certificate', authorities: [pem], pin: `${'A'.repeat(43)}=` },
  },
  proposals: { ike: ['aes256gcm16-prfsha384-ecp384'], esp: ['aes256gcm16'] },
  traffic: { remote: ['10.0.0.0/8', 'fd00::/8'], local: ['192.168.7.0/24'] },
  virtualAddress: { ipv4: true, ipv6: false },
  dns: { servers: ['10.0.0.53'], domains: ['corp.example'] },
  lifetimes: { ikeSeconds: 86_399, childSeconds: 5400, childBytes: 10_000_000_000, childPackets: 4_000_000 },
  livenessSeconds: 0,
  natKeepaliveSeconds: 61,
  forceEncapsulation: true,
  fragmentation: false,
  replayWindow: 1024,
  mtu: 1380,
  reconnect: false,
})

describe('a profile as it is typed', () => {
  it('comes back as it was, every field', () => {
    expect(profileOf(draftOf(full), full)).toEqual(full)
    const eap = newProfile(id)
    expect(profileOf(draftOf(eap), eap)).toEqual(eap)
    const psk: Profile = {
      ...eap,
      local: { authentication: { method: 'psk', secret: { from: 'prompt' } } },
      remote: { authentication: { method: 'psk', secret: { from: 'file', path: '/etc/gateway.psk' } } },
    }
    expect(profileOf(draftOf(psk), psk)).toEqual(psk)
  })

  it('comes back as it was with EAP within TLS, and with a second round', () => {
    const eap = newProfile(id)
    const password = { method: 'eap', username: 'maria', password: { from: 'prompt' } } as const
    const server = { identity: 'radius.corp.example', authorities: [pem], pin: `${'A'.repeat(43)}=` }
    const locals: readonly Profile['local'][] = [
      { authentication: { ...password, allow: ['peap'] } },
      { authentication: { ...password, allow: ['ttls'], inner: 'pap', anonymousIdentity: 'anyone', server } },
      { authentication: { ...password, allow: ['peap', 'ttls'], inner: 'gtc' } },
      { authentication: { ...certificate, eap: {} } },
      { authentication: { ...certificate, eap: { identity: 'maria@corp.example', server } } },
      { authentication: certificate, then: { authentication: { ...password, allow: ['mschapv2'] } } },
    ]
    for (const local of locals) {
      const profile: Profile = { ...eap, local }
      expect(profileOf(draftOf(profile), profile)).toEqual(profile)
      const isWithinTls = local.then === undefined
      const alone: Profile = { ...profile, remote: { ...profile.remote, eapOnly: true } }
      if (isWithinTls) expect(profileOf(draftOf(alone), alone)).toEqual(alone)
    }
  })

  it('drops what belongs to EAP within TLS when that is no longer chosen', () => {
    const eap = newProfile(id)
    const before: Profile = {
      ...eap,
      local: {
        authentication: {
          method: 'eap',
          username: 'maria',
          password: { from: 'prompt' },
          allow: ['ttls'],
          inner: 'pap',
          server: { identity: 'radius.corp.example' },
        },
      },
      remote: { ...eap.remote, eapOnly: true },
    }
    const after = profileOf({ ...draftOf(before), tunnel: 'none' }, before)
    expect(after.local.authentication).toEqual({
      method: 'eap',
      username: 'maria',
      password: { from: 'prompt' },
      allow: ['mschapv2', 'gtc'],
    })
    expect(after.remote).toEqual(eap.remote)
    expect(v.is(Profile, after)).toBe(false)
    expect(v.is(Profile, { ...after, name: 'x', gateway: { ...after.gateway, address: 'x.example' } })).toBe(
      true,
    )
  })

  it('takes empty fields for their defaults', () => {
    const draft = {
      ...draftOf(full),
      port: '',
      mtu: '',
      ikeLifetime: ' ',
      replayWindow: '',
      localIdentity: '',
    }
    const profile = profileOf(draft, full)
    expect(profile.gateway.port).toBe(500)
    expect('mtu' in profile).toBe(false)
    expect('identity' in profile.local).toBe(false)
    expect(profile.lifetimes.ikeSeconds).toBe(14_400)
    expect(profile.replayWindow).toBe(64)
  })

  it('names the fields that are no number', () => {
    const draft = { ...draftOf(full), port: '4500x', childLifetime: 'soon', childBytes: '10 GB' }
    expect(unreadable(draft)).toEqual([
      { field: 'gateway.port', example: 'count' },
      { field: 'lifetimes.childSeconds', example: 'duration' },
    ])
  })

  it('sends only the secrets that the chosen method needs and the person typed to be kept', () => {
    const draft = draftOf(newProfile(id))
    draft.secrets.psk = { ...draft.secrets.psk, place: 'keep', typed: 'not for this method' }
    draft.secrets.password = { ...draft.secrets.password, place: 'ask', typed: 'asked each time' }
    expect(typedSecrets(draft)).toEqual([])
    draft.secrets.password.place = 'keep'
    expect(typedSecrets(draft)).toEqual([{ kind: 'password', secret: 'asked each time' }])
    expect(neededSecrets({ ...draft, method: 'certificate', remoteMethod: 'psk' })).toEqual([
      'key',
      'keyPassword',
      'gatewayPsk',
    ])
  })

  it('never puts a typed secret into the profile', () => {
    const draft = draftOf(newProfile(id))
    draft.secrets.password = { ...draft.secrets.password, place: 'keep', typed: 'hunter2' }
    expect(JSON.stringify(profileOf(draft, newProfile(id)))).not.toContain('hunter2')
  })
})

describe('times and sizes', () => {
  it.each([
    ['4 h', 14_400],
    ['1 h 30 min', 5400],
    ['90m', 5400],
    ['1,5 h', 5400],
    ['2 Std.', 7200],
    ['3600', 3600],
    ['1 d', 86_400],
  ])('reads %s', (text, seconds) => {
    expect(readDuration(text)).toBe(seconds)
  })

  it('tells what it cannot read from what is empty', () => {
    for (const text of ['soon', '4 weeks', '-1', 'h', '4 h!']) expect(readDuration(text)).toBeNaN()
    expect(readDuration('  ')).toBeUndefined()
    expect(readCount('12a')).toBeNaN()
    expect(readCount('4 000 000')).toBe(4_000_000)
    expect(readSize('512 MiB')).toBe(536_870_912)
    expect(readList('10.0.0.0/8, fd00::/8\n\n192.168.0.0/16')).toEqual([
      '10.0.0.0/8',
      'fd00::/8',
      '192.168.0.0/16',
    ])
  })

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.nat(), (number) => {
        expect(readDuration(writeDuration(number))).toBe(number)
        expect(readSize(writeSize(number))).toBe(number)
      }),
    )
  })
})

describe('problems beside their fields', () => {
  const problems = [
    { field: 'name', problem: 'Must not be empty' },
    { field: 'traffic.remote.1', problem: 'Must be an address prefix' },
  ]

  it('finds them in the whole of a list, with the line', () => {
    const problem = problemAt(problems, 'traffic.remote')
    expect(problem?.problem).toBe('Must be an address prefix')
    expect(problem === undefined ? 0 : lineOf(problem, 'traffic.remote')).toBe(2)
    expect(problemAt(problems, 'traff')).toBeUndefined()
  })

  it('waits until the person has been there', () => {
    expect(told(problems, new Set(), false)).toEqual([])
    expect(told(problems, new Set(['traffic.remote']), false)).toEqual([problems[1]])
    expect(told(problems, new Set(), true)).toEqual(problems)
  })
})
