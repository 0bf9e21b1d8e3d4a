/** Name constraints of authorities (RFC 5280 section 4.2.1.10): which names the certificates below them may have. */
import { equalDistinguishedNames } from '../ike/distinguished-name.ts'
import { decode, encode } from '../wire/codec.ts'
import { latin1Text } from '../wire/text.ts'
import { GeneralNameTag, nameAttributes, nameParts } from './certificate-format.ts'
import type { GeneralName } from './certificate-format.ts'
import type { Certificate } from './certificate.ts'

/** `isExclusion`: in doubt, an excluded subtree contains a name and a permitted one does not. */
type Contains = (name: Uint8Array, base: Uint8Array, isExclusion: boolean) => boolean

const lower = (content: Uint8Array) => latin1Text(content).toLowerCase()

const isBelow = (name: string, base: string): boolean => {
  if (base === '') return true
  // A leading dot is written by many for "below and not itself".
  return base.startsWith('.') ? name.endsWith(base) : name === base || name.endsWith(`.${base}`)
}

const containsDns: Contains = (name, base, isExclusion) => {
  const text = lower(name)
  const limit = lower(base)
  if (isBelow(text, limit)) return true
  // `*.example.org` stands also for the excluded `secret.example.org`.
  const parent = text.startsWith('*.') ? text.slice(1) : undefined
  return isExclusion && parent !== undefined && `.${limit.replace(/^\./, '')}`.endsWith(parent)
}

const containsEmail: Contains = (name, base) => {
  const text = lower(name)
  const limit = lower(base)
  const host = text.slice(text.lastIndexOf('@') + 1)
  if (limit.includes('@')) return text === limit
  // A host means mailboxes on this very host, a dot before it those on hosts below it.
  return limit.startsWith('.') ? host.endsWith(limit) : host === limit || limit === ''
}

const containsAddress: Contains = (name, base, isExclusion) => {
  // An address and a mask of the same length; anything else cannot be judged.
  if (base.length !== 8 && base.length !== 32) return isExclusion
  const half = base.length / 2
  if (name.length !== half) return false
  return name.every((byte, index) => {
    const mask = base[half + index] ?? 0
    return (byte & mask) === ((base[index] ?? 0) & mask)
  })
}

const containsDirectoryName: Contains = (name, base) => {
  const limit = decode(nameParts, base)
  const start = decode(nameParts, name).slice(0, limit.length)
  return limit.length === 0 || equalDistinguishedNames(encode(nameParts, start), base)
}

const types: ReadonlyMap<number, Contains> = new Map([
  [GeneralNameTag.DNS, containsDns],
  [GeneralNameTag.EMAIL, containsEmail],
  [GeneralNameTag.ADDRESS, containsAddress],
  [GeneralNameTag.DIRECTORY, containsDirectoryName],
])

/** pkcs-9-at-emailAddress. */
const EMAIL_ADDRESS = '2a864886f70d010901'

/** All names that constraints speak of: alternative names and the subject. Throws DecodeError. */
function constrainedNames({ generalNames, subjectDer }: Certificate): readonly GeneralName[] {
  const attributes = decode(nameAttributes, subjectDer).flat()
  if (attributes.length === 0) return generalNames
  // Section 4.2.1.10: an address in the subject counts as well where no alternative name has one.
  const hasEmail = generalNames.some(({ tag }) => tag === GeneralNameTag.EMAIL)
  const emails = attributes.filter(({ id }) => !hasEmail && id === EMAIL_ADDRESS)
  return [
    ...generalNames,
    { tag: GeneralNameTag.DIRECTORY, content: subjectDer },
    ...emails.map(({ value }) => ({ tag: GeneralNameTag.EMAIL, content: value.content })),
  ]
}

/** Whether all names of the certificate are within what the authority above it allows. Throws DecodeError. */
export function areNamesAllowed(authority: Certificate, certificate: Certificate): boolean {
  const constraints = authority.nameConstraints
  if (constraints === undefined) return true
  const permitted = constraints.permitted ?? []
  const excluded = constraints.excluded ?? []
  const all = [...permitted, ...excluded]
  // Section 4.2.1.10: minimum is always 0 and maximum absent.
  if (all.some(({ minimum, maximum }) => (minimum ?? 0) !== 0 || maximum !== undefined)) return false

  return constrainedNames(certificate).every(({ tag, content }) => {
    const isOfType = ({ base }: { readonly base: GeneralName }) => base.tag === tag
    if (!all.some(isOfType)) return true
    const contains = types.get(tag)
    // Section 4.2.1.10: a constraint that cannot be processed, on a name that is there, refuses the certificate.
    if (contains === undefined) return false
    const within = permitted.filter(isOfType)
    const isPermitted =
      within.length === 0 || within.some(({ base }) => contains(content, base.content, false))
    return isPermitted && !excluded.some((one) => isOfType(one) && contains(content, one.base.content, true))
  })
}
