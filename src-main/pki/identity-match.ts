/** Whether a certificate names an identity (RFC 4945 section 3.1, RFC 7296 section 3.5). */
import { equalDistinguishedNames } from '../ike/distinguished-name.ts'
import { equalIdentities, formatIdentity } from '../ike/identity.ts'
import type { Identity } from '../ports.ts'
import type { Certificate } from './certificate.ts'

const labelsOf = (name: string): readonly string[] => name.toLowerCase().split('.')

/**
 * A name against a name of a certificate, which may begin with `*.`: one whole label, the leftmost, above at least two others
 * (RFC 6125 section 6.4.3; strongSwan and Windows take such certificates too). Otherwise the same but for case.
 */
export function matchesDnsName(name: string, pattern: string): boolean {
  const wanted = labelsOf(name)
  const [first, ...others] = labelsOf(pattern)
  if (first !== '*') return name.toLowerCase() === pattern.toLowerCase()
  // A wildcard that comes as the identity is a claim for many names: not for us.
  const isName = wanted.every((label) => label !== '' && !label.includes('*'))
  return isName && others.length >= 2 && wanted.slice(1).join('.') === others.join('.')
}

/**
 * Whether the certificate is for this identity: DNS names, addresses and email addresses among the subject's alternative names,
 * distinguished names as the subject or among them. The common name counts for nothing, and no certificate names a key ID.
 */
export function namesIdentity({ names, subjectDer }: Certificate, identity: Identity): boolean {
  switch (identity.kind) {
    case 'fqdn':
      return names.dns.some((name) => matchesDnsName(identity.name, name))
    case 'email':
      return names.email.some((name) => equalIdentities(identity, { kind: 'email', name }))
    case 'ipv4':
    case 'ipv6':
      return names.ip.some((address) => equalIdentities(identity, { kind: identity.kind, address }))
    case 'dn':
      return [subjectDer, ...names.dn].some((der) => equalDistinguishedNames(identity.der, der))
    case 'key-id':
      return false
  }
}

/** All names of a certificate, for people. */
export function describeNames({ names, subject }: Certificate): string {
  const all = [
    ...names.dns,
    ...names.ip,
    ...names.email,
    ...names.dn.map((der) => formatIdentity({ kind: 'dn', der })),
  ]
  const shown = all.length > 8 ? [...all.slice(0, 8), `and ${all.length - 8} more`] : all
  if (subject === '') return shown.join(', ')
  return [subject, ...shown].join(', ')
}
