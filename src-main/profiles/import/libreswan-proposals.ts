/** Libreswan's proposals (`aes_gcm256-sha2;dh19`, ipsec.conf(5)) in strongSwan's words. */
import { groupKeyword } from './group-keyword.ts'

const hashes: Readonly<Record<string, string>> = {
  sha: 'sha1',
  sha1: 'sha1',
  sha2: 'sha256',
  sha2_256: 'sha256',
  sha256: 'sha256',
  sha2_384: 'sha384',
  sha384: 'sha384',
  sha2_512: 'sha512',
  sha512: 'sha512',
  md5: 'md5',
  aes_xcbc: 'aesxcbc',
  aes_cmac: 'aescmac',
}

/** Libreswan's letters for the length of the check value, in bytes. */
const checkLengths: Readonly<Record<string, string>> = {
  a: '8',
  b: '12',
  c: '16',
  8: '8',
  12: '12',
  16: '16',
}

/** One algorithm; what nobody knows stays, and is reported as not supported. */
function cipherOf(word: string): string {
  const [, mode, check, bits] = /^aes_(gcm|ccm)(?:_(a|b|c|8|12|16))?(?:_?(128|192|256))?$/.exec(word) ?? []
  if (mode !== undefined) return `aes${bits ?? '128'}${mode}${checkLengths[check ?? 'c'] ?? '16'}`
  const [, family, counter, size] = /^(aes|camellia)(_ctr|_cbc)?_?(128|192|256)?$/.exec(word) ?? []
  if (family === 'camellia' || counter === '_ctr')
    return `${family ?? 'aes'}${size ?? '128'}${counter === '_ctr' ? 'ctr' : ''}`
  const [, cbc] = /^aes(?:_cbc)?_?(128|192|256)?$/.exec(word) ?? []
  if (/^aes(?:_cbc)?_?(?:128|192|256)?$/.test(word)) return `aes${cbc ?? '128'}`
  if (/^chacha20/.test(word)) return 'chacha20poly1305'
  return word.replaceAll('_', '')
}

const groupOf = (word: string): string => {
  const [, number] = /^dh(\d{1,2})$/.exec(word) ?? []
  return number === undefined ? word : groupKeyword(Number(number))
}

/** One of the proposals between commas. The hash of a combined mode is the PRF; ESP's combined modes have none. */
function proposalOf(protocol: 'ike' | 'esp', text: string): string {
  const [algorithms = '', afterSemicolon] = text.toLowerCase().trim().split(';')
  const words = algorithms.split(/[-+]/).filter((word) => word !== '')
  const [first = '', ...more] = words
  const cipher = cipherOf(first)
  const isCombined = /gcm|ccm|poly/.test(cipher)
  const rest = more
    .filter((word) => word !== 'null')
    .map((word) => {
      const hash = hashes[word]
      if (hash === undefined) return groupOf(word)
      return isCombined && protocol === 'ike' ? `prf${hash}` : hash
    })
    .filter((word) => !(isCombined && protocol === 'esp' && Object.values(hashes).includes(word)))
  const group = afterSemicolon === undefined || afterSemicolon === '' ? [] : [groupOf(afterSemicolon.trim())]
  return [cipher, ...rest, ...group].join('-')
}

/** The proposals of a comma separated list. An IKE proposal without a group means Libreswan's own, of which the first is written. */
export const libreswanProposals = (protocol: 'ike' | 'esp', text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .flatMap((part) => withGroups(protocol, proposalOf(protocol, part)))

function withGroups(protocol: 'ike' | 'esp', proposal: string): readonly string[] {
  if (protocol === 'esp') return [proposal]
  const words = proposal.split('-')
  const hasGroup = words.some((word) => /^(?:modp|ecp|x25519|x448|curve|group)/.test(word))
  const hasHash = words.some((word) => /^(?:prf)?(?:sha|md5|aesxcbc|aescmac)/.test(word))
  const full = hasHash ? proposal : `${proposal}-${/gcm|ccm|poly/.test(proposal) ? 'prf' : ''}sha256`
  return hasGroup ? [full] : ['modp2048', 'ecp256', 'x25519'].map((group) => `${full}-${group}`)
}
