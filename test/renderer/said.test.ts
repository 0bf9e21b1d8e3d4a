import { afterEach, describe, expect, it } from 'vitest'
import { setLanguage } from '../../src-renderer/i18n.ts'
import { wordsFor } from '../../src-renderer/failures.ts'
import { clauseIn, said, saidIn } from '../../src-renderer/said.ts'

afterEach(() => {
  setLanguage('en')
})

describe('what the main process says', () => {
  it('is left as it is in English, but begins like a sentence', () => {
    setLanguage('en')
    expect(said('agreed with the gateway')).toBe('Agreed with the gateway')
  })

  it('is said in German, also in pieces and with names in it', () => {
    setLanguage('de')
    expect(said('it does not encrypt')).toBe('Es verschlüsselt nicht')
    expect(said('Unknown algorithm "rot13"')).toBe('Unbekanntes Verfahren „rot13“')
    expect(said('is routed to culvert0, and no Child SA carries it')).toBe(
      'Wird zu culvert0 geleitet, und keine Child SA trägt es',
    )
    expect(
      said(
        "3DES-CBC: this computer's crypto library does not have it; HMAC-SHA1-96: SHA-1 is being retired (RFC 8247 section 2.3)",
      ),
    ).toBe(
      '3DES-CBC: die Kryptobibliothek dieses Rechners hat es nicht; HMAC-SHA1-96: SHA-1 wird abgelöst (RFC 8247 Abschnitt 2.3)',
    )
  })

  it('is shown as it came where no table knows it', () => {
    setLanguage('de')
    expect(said('something of a newer version: with a colon')).toBe(
      'Something of a newer version: with a colon',
    )
  })

  it('is marked as English where it has to stay so, but a name is not', () => {
    setLanguage('de')
    expect(saidIn('The moon is in the wrong quarter')).toEqual({
      text: 'The moon is in the wrong quarter',
      lang: 'en',
    })
    expect(saidIn('culvert0').lang).toBeUndefined()
    expect(saidIn('Nothing to do.').lang).toBeUndefined()
    setLanguage('en')
    expect(saidIn('The moon is in the wrong quarter').lang).toBeUndefined()
  })

  it('keeps values, and says those that are sentences themselves', () => {
    setLanguage('de')
    expect(said('The signed file cannot be read: it is not signed data')).toBe(
      'Die signierte Datei ist nicht lesbar: es sind keine signierten Daten',
    )
    expect(said('Only the first gateway, vpn.example.org, is used')).toBe(
      'Nur das erste Gateway, vpn.example.org, wird benutzt',
    )
    expect(clauseIn('connections office (line 12)').text).toBe('connections office (Zeile 12)')
    expect(said('Identity, proof of identity, request for a Child SA')).toBe(
      'Identität, Nachweis der Identität, Bitte um eine Child SA',
    )
    expect(said('Password of erika@example.org for Head office')).toBe(
      'Passwort von erika@example.org für Head office',
    )
  })

  it('is German within a failure, too', () => {
    setLanguage('de')
    const { what } = wordsFor({
      code: 'certificate-expired',
      details: { check: 'it was valid until 2026-01-31' },
    })
    expect(what).toContain('es galt bis 2026-01-31')
  })
})
