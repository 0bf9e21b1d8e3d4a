/** A profile's first proposals in Windows' words, where Windows has such words. */
import type { Profile } from '../../../src-shared/profile.ts'
import { only, proposalWords } from './proposal-words.ts'

/** The parameters of Set-VpnConnectionIPsecConfiguration, which the elements of ProfileXML are named after, too. */
export interface WindowsParameters {
  readonly AuthenticationTransformConstants: string
  readonly CipherTransformConstants: string
  readonly EncryptionMethod: string
  readonly IntegrityCheckMethod: string
  readonly DHGroup: string
  readonly PfsGroup: string
}

const encryptions: Readonly<Record<string, string>> = {
  aes128: 'AES128',
  aes192: 'AES192',
  aes256: 'AES256',
  aes128gcm16: 'GCMAES128',
  aes192gcm16: 'GCMAES192',
  aes256gcm16: 'GCMAES256',
}
const hashes: Readonly<Record<string, string>> = { sha1: 'SHA1', sha256: 'SHA256', sha384: 'SHA384' }
const transforms: Readonly<Record<string, string>> = { sha1: 'SHA196', sha256: 'SHA256128' }
const groups: Readonly<Record<string, string>> = { modp2048: 'Group14', ecp256: 'ECP256', ecp384: 'ECP384' }
const pfsGroups: Readonly<Record<string, string>> = {
  modp2048: 'PFS2048',
  ecp256: 'ECP256',
  ecp384: 'ECP384',
}

/** Undefined when Windows has no word for one of the algorithms; both lists must have exactly one proposal. */
export function windowsSuite({ proposals }: Profile): WindowsParameters | undefined {
  const ikeText = only(proposals.ike)
  const espText = only(proposals.esp)
  if (ikeText === undefined || espText === undefined) return undefined
  const ike = proposalWords(ikeText)
  const esp = proposalWords(espText)
  const ikeCipher = only(ike.encryption) ?? ''
  const espCipher = only(esp.encryption) ?? ''
  const isCombined = (cipher: string) => cipher.includes('gcm')
  const ikeHash = isCombined(ikeCipher) ? only(ike.prf)?.slice(3) : only(ike.integrity)
  const isPlain =
    ike.other.length + esp.other.length === 0 &&
    (isCombined(ikeCipher) ? ike.integrity : ike.prf).length === 0 &&
    esp.prf.length === 0
  const EncryptionMethod = encryptions[ikeCipher]
  const CipherTransformConstants = encryptions[espCipher]
  const IntegrityCheckMethod = hashes[ikeHash ?? '']
  const DHGroup = groups[only(ike.group) ?? '']
  const PfsGroup = esp.group.length === 0 ? 'None' : pfsGroups[only(esp.group) ?? '']
  const AuthenticationTransformConstants = isCombined(espCipher)
    ? CipherTransformConstants
    : transforms[only(esp.integrity) ?? '']
  if (!isPlain || EncryptionMethod === undefined || CipherTransformConstants === undefined) return undefined
  if (IntegrityCheckMethod === undefined || DHGroup === undefined || PfsGroup === undefined) return undefined
  if (AuthenticationTransformConstants === undefined || (isCombined(espCipher) && esp.integrity.length > 0))
    return undefined
  return {
    AuthenticationTransformConstants,
    CipherTransformConstants,
    EncryptionMethod,
    IntegrityCheckMethod,
    DHGroup,
    PfsGroup,
  }
}
