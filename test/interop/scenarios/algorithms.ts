import type { EspSuite, GroupName, IkeSuite } from '../../../src-shared/algorithms.ts'
import type { Scenario } from '../lab/scenario.ts'

interface Pair {
  readonly ike: string
  readonly esp: string
  readonly chosenIke: Partial<IkeSuite>
  readonly chosenEsp: Partial<EspSuite>
}

/** Each row is an IKE proposal with an ESP proposal; together they hold every algorithm once at least. */
const pairs: readonly Pair[] = [
  {
    ike: 'aes128-sha1-modp2048',
    esp: 'aes128-sha1',
    chosenIke: {
      encryption: 'aes-cbc',
      keyBits: 128,
      integrity: 'hmac-sha1-96',
      prf: 'hmac-sha1',
      group: 'modp2048',
    },
    chosenEsp: { encryption: 'aes-cbc', keyBits: 128, integrity: 'hmac-sha1-96' },
  },
  {
    ike: 'aes256-sha1-modp2048',
    esp: 'aes256-sha1',
    chosenIke: { encryption: 'aes-cbc', keyBits: 256, integrity: 'hmac-sha1-96' },
    chosenEsp: { encryption: 'aes-cbc', keyBits: 256, integrity: 'hmac-sha1-96' },
  },
  {
    ike: 'aes128-sha256-modp3072',
    esp: 'aes128-sha256',
    chosenIke: { keyBits: 128, integrity: 'hmac-sha256-128', prf: 'hmac-sha256', group: 'modp3072' },
    chosenEsp: { keyBits: 128, integrity: 'hmac-sha256-128' },
  },
  {
    ike: 'aes256-sha256-ecp256',
    esp: 'aes256-sha256',
    chosenIke: { keyBits: 256, integrity: 'hmac-sha256-128', group: 'ecp256' },
    chosenEsp: { keyBits: 256, integrity: 'hmac-sha256-128' },
  },
  {
    ike: 'aes128-sha384-modp4096',
    esp: 'aes128-sha384',
    chosenIke: { keyBits: 128, integrity: 'hmac-sha384-192', prf: 'hmac-sha384', group: 'modp4096' },
    chosenEsp: { keyBits: 128, integrity: 'hmac-sha384-192' },
  },
  {
    ike: 'aes256-sha384-ecp384',
    esp: 'aes256-sha384',
    chosenIke: { keyBits: 256, integrity: 'hmac-sha384-192', group: 'ecp384' },
    chosenEsp: { keyBits: 256, integrity: 'hmac-sha384-192' },
  },
  {
    ike: 'aes128-sha512-ecp521',
    esp: 'aes128-sha512',
    chosenIke: { keyBits: 128, integrity: 'hmac-sha512-256', prf: 'hmac-sha512', group: 'ecp521' },
    chosenEsp: { keyBits: 128, integrity: 'hmac-sha512-256' },
  },
  {
    ike: 'aes256-sha512-x25519',
    esp: 'aes256-sha512',
    chosenIke: { keyBits: 256, integrity: 'hmac-sha512-256', group: 'curve25519' },
    chosenEsp: { keyBits: 256, integrity: 'hmac-sha512-256' },
  },
  {
    ike: 'aes128gcm16-prfsha256-ecp256',
    esp: 'aes128gcm16',
    chosenIke: { encryption: 'aes-gcm-16', keyBits: 128, prf: 'hmac-sha256' },
    chosenEsp: { encryption: 'aes-gcm-16', keyBits: 128 },
  },
  {
    ike: 'aes256gcm16-prfsha512-ecp521',
    esp: 'aes256gcm16',
    chosenIke: { encryption: 'aes-gcm-16', keyBits: 256, prf: 'hmac-sha512', group: 'ecp521' },
    chosenEsp: { encryption: 'aes-gcm-16', keyBits: 256 },
  },
  {
    ike: 'aes256gcm16-prfsha1-x25519',
    esp: 'aes256gcm16',
    chosenIke: { encryption: 'aes-gcm-16', keyBits: 256, prf: 'hmac-sha1' },
    chosenEsp: { encryption: 'aes-gcm-16', keyBits: 256 },
  },
  {
    ike: 'chacha20poly1305-prfsha256-x25519',
    esp: 'chacha20poly1305',
    chosenIke: { encryption: 'chacha20-poly1305', keyBits: 256, prf: 'hmac-sha256', group: 'curve25519' },
    chosenEsp: { encryption: 'chacha20-poly1305', keyBits: 256 },
  },
]

const groups: readonly (readonly [string, GroupName])[] = [
  ['modp2048', 'modp2048'],
  ['modp3072', 'modp3072'],
  ['modp4096', 'modp4096'],
  ['ecp256', 'ecp256'],
  ['ecp384', 'ecp384'],
  ['ecp521', 'ecp521'],
  ['x25519', 'curve25519'],
]

export const algorithms: readonly Scenario[] = [
  ...pairs.map(({ ike, esp, chosenIke, chosenEsp }): Scenario => ({
    name: `algorithms ${ike} with ${esp}`,
    gateway: { ike: [ike], esp: [esp] },
    outcome: { kind: 'connected', ike: chosenIke, esp: chosenEsp },
    steps: ['transfer'],
  })),
  ...groups.map(([word, group]): Scenario => ({
    name: `perfect forward secrecy ${word}`,
    gateway: { esp: [`aes256gcm16-${word}`] },
    outcome: { kind: 'connected', espAfterSteps: { group } },
    steps: ['gateway-rekeys-child'],
  })),
  {
    name: 'recommended proposals of both sides',
    gateway: { ike: [], esp: [] },
    outcome: { kind: 'connected' },
  },
]
