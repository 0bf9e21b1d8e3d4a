import type { KeptCertificate } from '../../src-shared/certificates.ts'

const day = 86_400_000
const idOf = (number: number) => `00000000-0000-4000-9000-${String(number).padStart(12, '0')}`

const certificate = (number: number, more: Partial<KeptCertificate> = {}): KeptCertificate => ({
  id: idOf(number),
  name: 'Example Office Root CA',
  kind: 'trusted',
  subject: 'C=DE, O=Example, CN=Example Office Root CA',
  issuer: 'C=DE, O=Example, CN=Example Office Root CA',
  names: 'C=DE, O=Example, CN=Example Office Root CA',
  notBefore: Date.now() - 900 * day,
  notAfter: Date.now() + 2400 * day,
  fingerprint: 'b1f00dcafe5e'.repeat(6).slice(0, 64),
  needsPassword: false,
  chainLength: 0,
  ...more,
})

export const someCertificates: readonly KeptCertificate[] = [
  certificate(1, {
    name: 'erika@example.org',
    kind: 'user',
    subject: 'C=DE, O=Example, CN=erika@example.org',
    names: 'C=DE, O=Example, CN=erika@example.org, erika@example.org',
    notAfter: Date.now() + 12.5 * day,
    needsPassword: true,
    chainLength: 1,
  }),
  certificate(2),
  certificate(3, {
    name: 'A rather long name of an authority that somebody once thought of as being clear',
    notAfter: Date.now() - 3 * day,
  }),
]

export const addedCertificate = certificate(9, { name: 'Added Test CA' })
