import type { LogLine } from '../../src-shared/contract.ts'

type Told = readonly [LogLine['level'], string, string, LogLine['fields']?]

const told: readonly Told[] = [
  ['info', 'app', 'Culvert starts', { version: '0.1.0' }],
  ['debug', 'profiles', 'Profiles read', { count: 4 }],
  ['info', 'engine', 'Connecting', { profile: 'Head office' }],
  ['debug', 'dialer', 'Gateway found', { address: '203.0.113.7' }],
  ['debug', 'ike', 'IKE_SA_INIT sent', { bytes: 1268 }],
  ['debug', 'ike', 'Asked for a cookie, sent again with it'],
  ['info', 'ike', 'Suite agreed', { suite: 'aes256gcm16-prfsha384-x25519' }],
  ['info', 'auth', 'Gateway proved who it is', { identity: 'vpn.example.org' }],
  ['warn', 'auth', 'The gateway certificate ends in 9 days'],
  ['info', 'engine', 'Child SA installed', { inbound: 'c0ffee01', outbound: '1badb002' }],
  ['info', 'helper', 'Adapter culvert0 is up', { mtu: 1400 }],
  ['info', 'engine', 'Connected', { ms: 412 }],
  ['error', 'dns', 'systemd-resolved did not take the domains; they were set through resolv.conf instead'],
  ['debug', 'watch', 'Liveness answered', { ms: 18 }],
]

export const sampleLog = (times = 1): readonly LogLine[] =>
  Array.from({ length: times }, () => told)
    .flat()
    .map(([level, area, message, fields], index) => ({
      at: Date.now() - (told.length * times - index) * 731,
      level,
      area,
      message,
      ...(fields === undefined ? {} : { fields }),
    }))
