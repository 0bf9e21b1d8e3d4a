/** EAP methods by number (IANA) as Windows names them in connections. */
import type { EapName, LocalProof } from './description.ts'
import type { ImportInput } from './importer.ts'
import { onlyContainer } from './named-files.ts'

const methods: Readonly<Record<number, EapName>> = {
  4: 'md5',
  6: 'gtc',
  13: 'tls',
  21: 'ttls',
  25: 'peap',
  26: 'mschapv2',
}

/** Undefined for methods that nobody outside Windows has. */
export const windowsEap = (number: number | undefined): EapName | undefined =>
  number === undefined ? undefined : methods[number]

/** Windows keeps the user's certificate in a store of its own; a PKCS#12 file beside the profile is taken for it. */
export function windowsProof(method: EapName, input: ImportInput): LocalProof & { readonly kind: 'eap' } {
  const key = method === 'tls' ? onlyContainer(input.files) : undefined
  return {
    kind: 'eap',
    methods: [method],
    ...(key === undefined ? {} : { certificate: { certificates: [], key } }),
  }
}
