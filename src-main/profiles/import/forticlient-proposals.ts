/** FortiClient's algorithms (`AES256|SHA256`, groups `5;14;`) in strongSwan's words. */
import type { Description } from './description.ts'
import { groupKeyword } from './group-keyword.ts'
import type { KeyedValues } from './keyed-values.ts'
import type { XmlElement } from './xml.ts'
import { childOf, childrenOf } from './xml.ts'

const ciphers: Readonly<Record<string, string>> = {
  AES128GCM: 'aes128gcm16',
  AES256GCM: 'aes256gcm16',
  CHACHA20POLY1305: 'chacha20poly1305',
}

/** One `ENCRYPTION|HASH` with the groups; PRFSHA… is the PRF of a combined mode. */
function proposalOf(protocol: 'ike' | 'esp', text: string, groups: readonly string[]): string {
  const [encryption = '', hash = ''] = text.toUpperCase().replace(/\s/g, '').split('|')
  const cipher = ciphers[encryption] ?? encryption.toLowerCase()
  const isCombined = /gcm|poly/.test(cipher)
  const word = hash.toLowerCase().replace(/^prf/, '')
  const middle = isCombined ? (protocol === 'ike' ? [`prf${word === '' ? 'sha256' : word}`] : []) : [word]
  return [cipher, ...middle.filter((part) => part !== ''), ...groups].join('-')
}

const groupsOf = (values: KeyedValues): readonly string[] =>
  values.list('dhgroup', /[;,\s]+/).map((number) => groupKeyword(Number(number)))

/** The proposals of both settings; ESP has groups when `pfs` is on. */
export function readFortiProposals(
  ike: XmlElement,
  ikeValues: KeyedValues,
  settings: XmlElement | undefined,
  child: KeyedValues,
  place: string,
): NonNullable<Description['proposals']> {
  const list = (element: XmlElement | undefined) =>
    childrenOf(childOf(element, 'proposals'), 'proposal').map(({ text }) => text)
  const ikeGroups = groupsOf(ikeValues)
  const childGroups = groupsOf(child)
  const pfs = child.flag('pfs') === true ? childGroups : []
  const first = list(ike).map((text) => proposalOf('ike', text, ikeGroups))
  const second = list(settings).map((text) => proposalOf('esp', text, pfs))
  return {
    ...(first.length === 0 ? {} : { ike: { where: `${place} ike_settings/proposals`, value: first } }),
    ...(second.length === 0 ? {} : { esp: { where: `${place} ipsec_settings/proposals`, value: second } }),
  }
}
