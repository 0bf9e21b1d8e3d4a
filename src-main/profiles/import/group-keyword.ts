/** Diffie-Hellman groups by number (IANA, Transform Type 4) as proposals name them. */
const names: Readonly<Record<number, string>> = {
  1: 'modp768',
  2: 'modp1024',
  5: 'modp1536',
  14: 'modp2048',
  15: 'modp3072',
  16: 'modp4096',
  17: 'modp6144',
  18: 'modp8192',
  19: 'ecp256',
  20: 'ecp384',
  21: 'ecp521',
  22: 'modp1024s160',
  23: 'modp2048s224',
  24: 'modp2048s256',
  25: 'ecp192',
  26: 'ecp224',
  27: 'ecp224bp',
  28: 'ecp256bp',
  29: 'ecp384bp',
  30: 'ecp512bp',
  31: 'x25519',
  32: 'x448',
}

/** The keyword; a number that nobody knows becomes a keyword that is reported as not supported. */
export const groupKeyword = (number: number): string => names[number] ?? `group${number}`

/** The group's number; undefined for a keyword that is none. */
export const groupNumber = (keyword: string): number | undefined => {
  const wanted = keyword === 'curve25519' ? 'x25519' : keyword
  const found = Object.entries(names).find(([, name]) => name === wanted)
  return found === undefined ? undefined : Number(found[0])
}
