import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultProposals, formatProposal, parseProposal } from '../../src-main/ike/proposal-text.ts'
import { weaknessesOf } from '../../src-main/ike/suites.ts'

const parsed = (kind: 'ike' | 'esp', text: string) => {
  const result = parseProposal(kind, text)
  if (!result.ok) throw new Error(result.error)
  return result.value
}

describe('proposals as administrators write them', () => {
  it('reads a combined mode with its PRF', () => {
    expect(parsed('ike', 'aes256gcm16-prfsha384-ecp384')).toEqual({
      encryptions: [{ name: 'aes-gcm-16', keyBits: 256 }],
      integrities: [],
      prfs: ['hmac-sha384'],
      groups: ['ecp384'],
      extendedSequenceNumbers: [],
    })
  })

  it('derives the PRF from the integrity algorithm', () => {
    expect(parsed('ike', 'aes128-sha256-modp2048')).toEqual({
      encryptions: [{ name: 'aes-cbc', keyBits: 128 }],
      integrities: ['hmac-sha256-128'],
      prfs: ['hmac-sha256'],
      groups: ['modp2048'],
      extendedSequenceNumbers: [],
    })
    // strongSwan takes this too: the hash names the PRF only.
    expect(parsed('ike', 'aes128gcm16-sha256-x25519')).toMatchObject({
      integrities: [],
      prfs: ['hmac-sha256'],
    })
    expect(parsed('ike', 'aes128-sha1-prfsha512-ecp256')).toMatchObject({
      integrities: ['hmac-sha1-96'],
      prfs: ['hmac-sha512'],
    })
  })

  it('reads ESP, with and without key exchange and extended sequence numbers', () => {
    expect(parsed('esp', 'aes256-sha384-ecp384-esn')).toEqual({
      encryptions: [{ name: 'aes-cbc', keyBits: 256 }],
      integrities: ['hmac-sha384-192'],
      prfs: [],
      groups: ['ecp384'],
      extendedSequenceNumbers: [true],
    })
    expect(parsed('esp', 'chacha20poly1305')).toMatchObject({ groups: [], extendedSequenceNumbers: [false] })
    expect(parsed('esp', 'aes128gcm16-esn-noesn')).toMatchObject({ extendedSequenceNumbers: [true, false] })
    // swanctl.conf often names a PRF in both.
    expect(parsed('esp', 'aes128gcm16-prfsha256-x25519')).toMatchObject({ prfs: [], groups: ['curve25519'] })
  })

  it('keeps alternatives in their order, each once', () => {
    expect(parsed('ike', 'aes256-aes128-aes256-sha2_512-sha256-x25519-curve25519-modp4096')).toMatchObject({
      encryptions: [
        { name: 'aes-cbc', keyBits: 256 },
        { name: 'aes-cbc', keyBits: 128 },
      ],
      integrities: ['hmac-sha512-256', 'hmac-sha256-128'],
      prfs: ['hmac-sha512', 'hmac-sha256'],
      groups: ['curve25519', 'modp4096'],
    })
  })

  it.each([
    ['AES-SHA-MODP2048', 'aes128-sha1-modp2048'],
    ['aes256gcm128-sha2_384-x25519', 'aes256gcm16-prfsha384-curve25519'],
    [' aes192gcm-prfsha1-ecp521 ', 'aes192gcm16-prfsha1-ecp521'],
  ])('writes %s as %s', (text, written) => {
    expect(formatProposal(parsed('ike', text))).toBe(written)
  })

  it.each([
    ['ike', 'aes256-sha256-modp2048s256', '"modp2048s256"'],
    ['ike', 'serpent256-sha1-modp2048', '"serpent256"'],
    ['ike', 'null-sha256-modp2048', 'null is for ESP alone'],
    ['ike', 'aes128gmac-prfsha256-ecp256', 'aes128gmac is for ESP alone'],
    ['ike', 'camellia256ccm16-prfsha256-ecp256', 'camellia256ccm16 is for ESP alone'],
    ['esp', 'null', 'no integrity'],
    ['ike', '', '""'],
    ['ike', 'aes256-sha256-', '""'],
    ['ike', 'aes256-sha256', 'no key exchange group'],
    ['ike', 'sha256-modp2048', 'no encryption'],
    ['ike', 'aes256-prfsha256-modp2048', 'no integrity'],
    ['ike', 'aes256gcm16-modp2048', 'no pseudo-random function'],
    ['ike', 'aes256-sha256-modp2048-esn', 'extended sequence numbers'],
    ['esp', 'aes256', 'no integrity'],
    ['esp', 'aes128gcm16-aes128-sha256', 'together'],
    ['esp', 'aes256-sha256-constructor', '"constructor"'],
  ] as const)('refuses %s %s and says why', (kind, text, why) => {
    const result = parseProposal(kind, text)
    expect(result.ok ? '' : result.error).toContain(why)
  })

  it('reads anything without throwing, and back what it writes', () => {
    const word = fc.constantFrom(
      ...'aes128 aes256 aes256gcm16 chacha20poly1305 sha1 sha256 sha512 prfsha1 prfsha384 ecp256 modp3072 x25519 esn noesn foo'.split(
        ' ',
      ),
    )
    fc.assert(
      fc.property(
        fc.constantFrom('ike' as const, 'esp' as const),
        fc.oneof(
          fc.array(word, { maxLength: 9 }).map((words) => words.join('-')),
          fc.string(),
        ),
        (kind, text) => {
          const result = parseProposal(kind, text)
          if (result.ok) expect(parseProposal(kind, formatProposal(result.value))).toEqual(result)
          else expect(result.error.length).toBeLessThan(100)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('the recommended proposals', () => {
  it.each(['ike', 'esp'] as const)('for %s have nothing weak, and combined modes first and apart', (kind) => {
    const proposals = defaultProposals(kind)
    expect(proposals[0]?.integrities).toEqual([])
    for (const { encryptions, integrities, prfs, groups } of proposals) {
      for (const { name, keyBits } of encryptions) {
        for (const integrity of integrities) {
          expect(weaknessesOf({ encryption: name, keyBits, integrity })).toEqual([])
        }
        for (const prf of prfs) {
          for (const group of groups)
            expect(weaknessesOf({ encryption: name, keyBits, prf, group })).toEqual([])
        }
      }
    }
  })

  it('begin with the group that is fastest', () => {
    expect(defaultProposals('ike')[0]?.groups[0]).toBe('curve25519')
  })
})
