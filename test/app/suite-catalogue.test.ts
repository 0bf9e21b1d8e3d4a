import { describe, expect, it } from 'vitest'
import type { CryptoCapabilities } from '../../src-main/app/crypto-capabilities.ts'
import { cryptoCapabilities } from '../../src-main/app/crypto-capabilities.ts'
import { createSuites } from '../../src-main/app/suite-catalogue.ts'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { createPacketCrypto } from '../../src-main/host/crypto/packet-crypto.ts'
import { defaultProposals, formatProposal } from '../../src-main/ike/proposal-text.ts'

const all: CryptoCapabilities = {
  encryption: () => true,
  integrity: () => true,
  prf: () => true,
  group: () => true,
}
const suites = createSuites(all)
const named = (id: string) => suites.catalogue.named.find((suite) => suite.id === id)
const transform = (word: string) => suites.catalogue.transforms.find((choice) => choice.word === word)
const rolesOf = (kind: 'ike' | 'esp', text: string) => {
  const meaning = suites.read(kind, text)
  return meaning.ok ? meaning.value.transforms.map(({ role, label }) => `${role} ${label}`) : meaning.error
}

describe('the suites to choose from', () => {
  it('are the named ones of the RFCs, ours first', () => {
    expect(suites.catalogue.named.map(({ id }) => id)).toEqual([
      'recommended',
      'vpn-a',
      'vpn-b',
      'gcm-128',
      'gcm-256',
      'gmac-128',
      'gmac-256',
      'cnsa',
    ])
    expect(named('gcm-256')).toEqual({
      id: 'gcm-256',
      label: 'Suite-B-GCM-256',
      source: 'RFC 4869 section 3.2',
      ike: ['aes256-sha384-ecp384'],
      esp: ['aes256gcm16-ecp384', 'aes256gcm16'],
    })
  })

  it('can all be used as they are, or say why not', () => {
    for (const { ike, esp, unavailable } of suites.catalogue.named) {
      const readable = [
        ...ike.map((text) => suites.read('ike', text)),
        ...esp.map((text) => suites.read('esp', text)),
      ].every(({ ok }) => ok)
      expect(readable).toBe(unavailable === undefined)
    }
  })

  it('mark the weak ones with each reason', () => {
    expect(named('vpn-a')?.weak).toMatch(/3DES-CBC: .*SHA-1.*MODP-1024: 1024 bits/s)
    expect(named('gcm-128')).not.toHaveProperty('weak')
    expect(transform('sha1')?.weak).toMatch(/SHA-1 is being retired/)
    expect(transform('modp1024')?.weak).toMatch(/1024 bits/)
    expect(transform('aes256gcm16')).not.toHaveProperty('weak')
  })

  it('hold every transform once, each by a word that is read back to it', () => {
    const { transforms } = suites.catalogue
    expect(new Set(transforms.map(({ word }) => word)).size).toBe(transforms.length)
    const context = {
      encryption: (word: string) => `${word}-sha256-curve25519`,
      integrity: (word: string) => `aes128-${word}-curve25519`,
      prf: (word: string) => `aes128-sha256-${word}-curve25519`,
      group: (word: string) => `aes128-sha256-${word}`,
      'sequence-numbers': (word: string) => `aes128-sha256-${word}`,
    }
    for (const choice of transforms.filter(({ unavailable }) => unavailable === undefined)) {
      for (const kind of choice.kinds) {
        const read = suites.read(kind, context[choice.role](choice.word))
        expect(read.ok && read.value.transforms).toContainEqual(choice)
      }
    }
  })

  it('say what no proposal named means', () => {
    expect(suites.catalogue.recommended.ike.map(({ text }) => text)).toEqual(
      defaultProposals('ike').map(formatProposal),
    )
    const words = suites.catalogue.recommended.esp.flatMap(({ transforms }) => transforms)
    expect(words.every(({ weak, unavailable }) => weak === undefined && unavailable === undefined)).toBe(true)
  })
})

describe('a proposal that is read', () => {
  it('is taken apart into what each part is for', () => {
    expect(rolesOf('ike', 'aes256gcm16-prfsha384-ecp384')).toEqual([
      'encryption AES-256-GCM',
      'prf HMAC-SHA2-384',
      'group ECP-384',
    ])
    expect(rolesOf('ike', ' AES128-SHA256-modp2048! ')).toEqual([
      'encryption AES-128-CBC',
      'integrity HMAC-SHA2-256-128',
      'prf HMAC-SHA2-256',
      'group MODP-2048',
    ])
    expect(rolesOf('esp', 'aes256gcm16-x25519-esn')).toEqual([
      'encryption AES-256-GCM',
      'group Curve25519',
      'sequence-numbers 64-bit sequence numbers (extended)',
    ])
  })

  it('is written as administrators write it', () => {
    const read = suites.read('esp', 'aes256gcm-x25519-noesn')
    expect(read.ok && read.value.text).toBe('aes256gcm16-curve25519')
  })

  it.each([
    ['', 'Write a proposal such as aes256gcm16-prfsha384-ecp384'],
    ['aes256', 'No integrity algorithm'],
    ['aes256-sha256', 'No key exchange group'],
    ['aes256-rot13-modp2048', 'Unknown algorithm "rot13"'],
    ['aes128-sha256-modp2048,aes256-sha1-modp1024', 'These are several proposals; give them one at a time'],
  ])('says what is wrong with %j', (text, problem) => {
    expect(suites.read('ike', text)).toEqual({ ok: false, error: problem })
  })
})

describe("this machine's crypto", () => {
  it('shows what it cannot do, alone and in the suites that need it', () => {
    const without = createSuites({ ...all, encryption: (name) => name !== 'chacha20-poly1305' })
    const reason = "This computer's crypto library does not have it"
    const choices = without.catalogue.transforms.filter(({ unavailable }) => unavailable === reason)
    expect(choices.map(({ word }) => word)).toEqual(['chacha20poly1305'])
    const read = without.read('ike', 'chacha20poly1305-prfsha256-curve25519')
    expect(read.ok && read.value.transforms[0]?.unavailable).toBe(reason)
  })

  it('is found out by using it: all of ours work here', () => {
    const can = cryptoCapabilities(createCrypto(), createPacketCrypto())
    const here = createSuites(can).catalogue.transforms.filter(({ unavailable }) =>
      unavailable?.startsWith('This computer'),
    )
    expect(here).toEqual([])
  })

  it('can do every named suite; VPN-A and GMAC are marked with what is weak about them', () => {
    const here = createSuites(cryptoCapabilities(createCrypto(), createPacketCrypto()))
    const { named: offered } = here.catalogue
    expect(offered.filter(({ unavailable }) => unavailable !== undefined)).toEqual([])
    expect(offered.filter(({ weak }) => weak !== undefined).map(({ id }) => id)).toEqual([
      'vpn-a',
      'gmac-128',
      'gmac-256',
    ])
  })

  it('is found lacking when it refuses', () => {
    const crypto = createCrypto()
    const refusing = {
      ...crypto,
      aead(...given: Parameters<typeof crypto.aead>) {
        if (given[0] === 'chacha20-poly1305') throw new Error('unknown cipher')
        return crypto.aead(...given)
      },
    }
    const can = cryptoCapabilities(refusing, createPacketCrypto())
    expect(can.encryption('chacha20-poly1305', 256)).toBe(false)
    expect(can.encryption('aes-gcm-16', 256)).toBe(true)
  })
})
