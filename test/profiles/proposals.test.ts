import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseProposal } from '../../src-main/ike/proposal-text.ts'
import { problemList } from '../../src-main/profiles/import/importer.ts'
import { usableProposals } from '../../src-main/profiles/import/proposals.ts'

const keywords =
  'aes aes128 aes256 aes256gcm aes256gcm16 aes128gcm128 chacha20poly1305 sha256 sha2_384 sha1 sha prfsha256 prfsha1 ecp384 x25519 modp2048 esn noesn 3des md5 modp1024 camellia128 camellia256ccm16 aes128ctr aes128gmac blowfish ecp192 aesxcbc x448 null mlkem768'.split(
    ' ',
  )

const usable = (protocol: 'ike' | 'esp', ...given: string[]) => {
  const problems = problemList()
  const kept = usableProposals(protocol, given, 'x', problems)
  return { kept, told: problems.problems.map(({ level, problem }) => `${level} ${problem}`) }
}

describe('imported proposals', () => {
  it('are all understood by the engine that offers them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('ike' as const, 'esp' as const),
        fc.array(
          fc
            .array(fc.constantFrom(...keywords), { minLength: 1, maxLength: 7 })
            .map((words) => words.join('-')),
          { maxLength: 4 },
        ),
        (protocol, given) => {
          const all = usableProposals(protocol, given, 'x', problemList(), true)
          for (const kept of [...usable(protocol, ...given).kept, ...all]) {
            const parsed = parseProposal(protocol, kept)
            if (!parsed.ok) throw new Error(`${kept}: ${parsed.error}`)
          }
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('are what the recommended ones stand beside', () => {
    expect(usable('ike', 'default')).toEqual({ kept: [], told: [] })
    expect(usable('ike', 'AES256-SHA256-MODP2048', 'default').kept).toEqual(['aes256-sha256-modp2048'])
    expect(usable('esp', 'aes256gcm16').kept).toEqual(['aes256gcm16'])
  })

  it('lose what is missing or too weak, and are dropped when too little is left', () => {
    expect(usable('ike', 'aes256-des-sha256-ecp384').kept).toEqual(['aes256-sha256-ecp384'])
    expect(usable('ike', 'aes256-sha1-ecp384').told).toEqual(['warning The algorithm sha1 is weak'])
    expect(usable('ike', 'des-sha1-modp768', 'aes128-aes256gcm16-sha256-ecp256')).toMatchObject({
      kept: [],
      told: expect.arrayContaining(['error None of these proposals can be offered']) as unknown,
    })
  })
})
