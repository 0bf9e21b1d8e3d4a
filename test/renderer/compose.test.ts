import { describe, expect, it } from 'vitest'
import type { SuiteCatalogue, TransformChoice } from '../../src-shared/proposal-choice.ts'
import {
  choicesFor,
  inWritingOrder,
  needsNoIntegrity,
  pastedProposals,
  rolesOf,
  suiteOf,
  textOf,
  toggled,
  wordsOf,
} from '../../src-renderer/views/proposals/compose.ts'

const choice = (
  word: string,
  role: TransformChoice['role'],
  over: Partial<TransformChoice> = {},
): TransformChoice => ({ word, role, label: word, kinds: ['ike', 'esp'], combined: false, ...over })

const catalogue: SuiteCatalogue = {
  named: [
    { id: 'recommended', label: 'Recommended', ike: [], esp: [] },
    { id: 'gcm-256', label: 'GCM-256', ike: ['aes256-sha384-ecp384'], esp: ['aes256gcm16'] },
  ],
  transforms: [
    choice('aes256gcm16', 'encryption', { combined: true }),
    choice('aes256', 'encryption'),
    choice('sha384', 'integrity'),
    choice('prfsha384', 'prf', { kinds: ['ike'] }),
    choice('ecp384', 'group'),
    choice('curve25519', 'group'),
    choice('esn', 'sequence-numbers', { kinds: ['esp'] }),
  ],
  recommended: { ike: [], esp: [] },
}

describe('proposals put together', () => {
  it('writes each role where administrators expect it', () => {
    let words: readonly string[] = []
    for (const word of ['ecp384', 'aes256gcm16', 'prfsha384', 'curve25519'])
      words = toggled(catalogue, 'ike', words, word)
    expect(textOf(words)).toBe('aes256gcm16-prfsha384-ecp384-curve25519')
    expect(textOf(toggled(catalogue, 'ike', words, 'ecp384'))).toBe('aes256gcm16-prfsha384-curve25519')
  })

  it('offers each kind its own roles', () => {
    expect(rolesOf('ike')).toEqual(['encryption', 'integrity', 'prf', 'group'])
    expect(rolesOf('esp')).toEqual(['encryption', 'integrity', 'group', 'sequence-numbers'])
    expect(choicesFor(catalogue, 'esp', 'prf')).toEqual([])
  })

  it('keeps a word that nobody knows where it can be seen', () => {
    expect(inWritingOrder(catalogue, 'esp', wordsOf('rot13-aes256gcm16'))).toEqual(['aes256gcm16', 'rot13'])
  })

  it('knows when integrity comes with encryption', () => {
    expect(needsNoIntegrity(catalogue, 'esp', ['aes256gcm16'])).toBe(true)
    expect(needsNoIntegrity(catalogue, 'esp', ['aes256', 'aes256gcm16'])).toBe(false)
    expect(needsNoIntegrity(catalogue, 'esp', [])).toBe(false)
  })

  it('recognises a named suite', () => {
    expect(suiteOf(catalogue, { ike: [], esp: [] })?.id).toBe('recommended')
    expect(suiteOf(catalogue, { ike: ['aes256-sha384-ecp384'], esp: ['aes256gcm16'] })?.id).toBe('gcm-256')
    expect(suiteOf(catalogue, { ike: ['aes256-sha384-ecp384'], esp: [] })).toBeUndefined()
  })

  it('reads what administrators paste', () => {
    expect(pastedProposals('ike=aes256gcm16-prfsha384-ecp384,aes128-sha256-modp2048!')).toEqual([
      'aes256gcm16-prfsha384-ecp384',
      'aes128-sha256-modp2048',
    ])
    expect(pastedProposals('  proposals = AES256GCM16-prfsha384-ecp384\n')).toEqual([
      'aes256gcm16-prfsha384-ecp384',
    ])
    expect(pastedProposals('"aes256gcm16"')).toEqual(['aes256gcm16'])
  })
})
