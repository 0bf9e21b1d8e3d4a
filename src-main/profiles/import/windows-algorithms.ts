/**
 * Windows' names and numbers of algorithms (VPNv2 CSP, CryptographySuite; Set-VpnConnectionIPsecConfiguration) in strongSwan's
 * words. In a phonebook, the six are little-endian 32-bit numbers in the order integrity, encryption, group, cipher transform,
 * authentication transform, PFS group: read off entries that the PowerShell command wrote.
 */

/** As the command's parameters name them. */
export interface WindowsSuite {
  readonly encryption: string
  readonly integrity: string
  readonly group: string
  readonly cipher: string
  readonly authentication: string
  readonly pfs: string
}

const encryptions: Readonly<Record<string, string>> = {
  des: 'des',
  des3: '3des',
  aes128: 'aes128',
  aes192: 'aes192',
  aes256: 'aes256',
  gcmaes128: 'aes128gcm16',
  gcmaes192: 'aes192gcm16',
  gcmaes256: 'aes256gcm16',
  aes_gcm_128: 'aes128gcm16',
  aes_gcm_256: 'aes256gcm16',
  none: 'null',
}
const integrities: Readonly<Record<string, string>> = {
  md5: 'md5',
  md596: 'md5',
  sha1: 'sha1',
  sha196: 'sha1',
  sha256: 'sha256',
  sha256128: 'sha256',
  sha384: 'sha384',
}
const groups: Readonly<Record<string, string>> = {
  group1: 'modp768',
  group2: 'modp1024',
  group14: 'modp2048',
  ecp256: 'ecp256',
  ecp384: 'ecp384',
  group24: 'modp2048s256',
  pfs1: 'modp768',
  pfs2: 'modp1024',
  pfs2048: 'modp2048',
  pfs24: 'modp2048s256',
}

const keyword = (table: Readonly<Record<string, string>>, name: string): string => {
  const key = name.trim().toLowerCase()
  return (Object.hasOwn(table, key) ? table[key] : undefined) ?? (key === '' ? 'missing' : key)
}

/** The proposals that a suite stands for. PFS with the group of the main mode repeats that group. */
export function windowsProposals(suite: WindowsSuite): { readonly ike: string; readonly esp: string } {
  const encryption = keyword(encryptions, suite.encryption)
  const integrity = keyword(integrities, suite.integrity)
  const group = keyword(groups, suite.group)
  const cipher = keyword(encryptions, suite.cipher)
  const pfs = suite.pfs.trim().toLowerCase()
  const pfsGroup = ['none', ''].includes(pfs) ? [] : [pfs === 'pfsmm' ? group : keyword(groups, pfs)]
  const isCombined = (name: string) => name.includes('gcm')
  return {
    ike: [encryption, isCombined(encryption) ? `prf${integrity}` : integrity, group].join('-'),
    esp: [
      cipher,
      ...(isCombined(cipher) ? [] : [keyword(integrities, suite.authentication)]),
      ...pfsGroup,
    ].join('-'),
  }
}

const numbers: Readonly<Record<keyof WindowsSuite, readonly string[]>> = {
  integrity: ['MD5', 'SHA1', 'SHA256', 'SHA384'],
  encryption: ['DES', 'DES3', 'AES128', 'AES192', 'AES256', 'GCMAES128', 'GCMAES256'],
  group: ['None', 'Group1', 'Group2', 'Group14', 'ECP256', 'ECP384', 'Group24'],
  cipher: ['None', 'DES', 'DES3', 'AES128', 'AES192', 'AES256', 'GCMAES128', 'GCMAES192', 'GCMAES256'],
  authentication: ['MD596', 'SHA196', 'SHA256128', 'GCMAES128', 'GCMAES192', 'GCMAES256'],
  pfs: ['None', 'PFS1', 'PFS2', 'PFS2048', 'ECP256', 'ECP384', 'PFSMM', 'PFS24'],
}

/** `CustomIPSecPolicies` of a phonebook; undefined when it is not 24 bytes or a number is not known. */
export function phonebookSuite(hex: string): WindowsSuite | undefined {
  if (!/^[\da-f]{48}$/i.test(hex)) return undefined
  const bytes = Buffer.from(hex, 'hex')
  const at = (index: number, names: readonly string[]) => names[bytes.readUInt32LE(index * 4)]
  const integrity = at(0, numbers.integrity)
  const encryption = at(1, numbers.encryption)
  const group = at(2, numbers.group)
  const cipher = at(3, numbers.cipher)
  const authentication = at(4, numbers.authentication)
  const pfs = at(5, numbers.pfs)
  const isKnown = integrity !== undefined && encryption !== undefined && group !== undefined
  if (!isKnown || cipher === undefined || authentication === undefined || pfs === undefined) return undefined
  return { integrity, encryption, group, cipher, authentication, pfs }
}
