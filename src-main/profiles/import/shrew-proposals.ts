/** Shrew's names of algorithms in strongSwan's words. `auto` means what both ends agree on: Culvert's own. */
import type { Description } from './description.ts'
import type { KeyedValues } from './keyed-values.ts'

const hash = (text: string | undefined): string => {
  const found = text?.replace(/^sha2-/, 'sha')
  return found === undefined || found === 'auto' ? 'sha256' : found
}

const cipher = (text: string, bits: number | undefined): string => {
  if (text === 'aes') return `aes${bits ?? 128}`
  return text
}

export function readShrewProposals(
  values: KeyedValues,
  groupKeyword: (number: number) => string,
): NonNullable<Description['proposals']> {
  const first = values.text('phase1-cipher')
  const group = values.integer('phase1-dhgroup', 0, 65_535)
  const second = values.text('phase2-transform')?.replace(/^esp-/, '')
  const pfs = values.integer('phase2-pfsgroup', -1, 65_535)
  const firstHash = hash(values.text('phase1-hash'))
  const secondHash = hash(values.text('phase2-hmac'))
  const bits = {
    first: values.integer('phase1-keylen', 0, 256),
    second: values.integer('phase2-keylen', 0, 256),
  }
  const groupWord = group === undefined || group === 0 ? 'modp2048' : groupKeyword(group)
  const pfsWord = pfs === undefined || pfs <= 0 ? [] : [groupKeyword(pfs)]
  return {
    ...(first === undefined || first === 'auto'
      ? {}
      : {
          ike: {
            where: values.where('phase1-cipher'),
            value: [`${cipher(first, nonZero(bits.first))}-${firstHash}-${groupWord}`],
          },
        }),
    ...(second === undefined || second === 'auto'
      ? {}
      : {
          esp: {
            where: values.where('phase2-transform'),
            value: [[cipher(second, nonZero(bits.second)), secondHash, ...pfsWord].join('-')],
          },
        }),
  }
}

const nonZero = (value: number | undefined): number | undefined => (value === 0 ? undefined : value)
