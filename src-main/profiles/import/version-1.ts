/** What the importers of IKEv1 formats share. */
import type { ProblemList } from './importer.ts'

/** Cisco's and vpnc's names for the group of the first exchange. */
export const ciscoGroups: Readonly<Record<string, string>> = {
  dh1: 'modp768',
  dh2: 'modp1024',
  dh5: 'modp1536',
  dh14: 'modp2048',
  dh15: 'modp3072',
  dh16: 'modp4096',
  dh17: 'modp6144',
  dh18: 'modp8192',
}

/** A group name is an identity of type KEY_ID (the Cisco Unity draft). A name that could be hexadecimal digits is written in such. */
export function groupIdentity(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  const isAmbiguous = /^#?(?:[\da-f]{2})*$/i.test(name)
  return `keyid:${isAmbiguous ? `#${Buffer.from(name, 'utf8').toString('hex')}` : name}`
}

/** Says aloud that a file wants weak or no encryption. */
export function tellNoEncryption(where: string, problems: ProblemList): void {
  problems.add(
    'warning',
    where,
    'The file permits weak or no encryption',
    'Culvert does not offer that. Ask the administrator what else the gateway accepts.',
  )
}
