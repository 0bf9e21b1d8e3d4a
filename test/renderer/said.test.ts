import { afterEach, describe, expect, it } from 'vitest'
import { setLanguage } from '../../src-renderer/i18n.ts'
import { said } from '../../src-renderer/said.ts'

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
})
