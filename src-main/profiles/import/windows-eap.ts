/** EAP methods by number (IANA) as Windows names them in connections. */
import type { EapName } from './description.ts'

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
