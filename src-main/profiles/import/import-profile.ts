/** Imports a file of any format that is known: the format is recognised from the content, never from the name. */
import { PROFILE_SIZE_LIMIT, parseJson } from '../parse.ts'
import { contentOf } from './content.ts'
import type { ImportContent, ImportInput, ImportProblem, ImportResult, Importer } from './importer.ts'
import { problemList } from './importer.ts'
import { culvertBundle } from './culvert-bundle.ts'
import { culvertJson } from './culvert-json.ts'
import { forticlient } from './forticlient.ts'
import { ipsecConf } from './ipsec-conf.ts'
import { mobileconfig } from './mobileconfig.ts'
import { networkmanager } from './networkmanager.ts'
import { pcf } from './pcf.ts'
import { phonebook } from './phonebook.ts'
import { profileXml } from './profile-xml.ts'
import { shrew } from './shrew.ts'
import { sswan } from './sswan.ts'
import { swanctl } from './swanctl.ts'

const importers: readonly Importer[] = [
  culvertJson,
  culvertBundle,
  sswan,
  mobileconfig,
  profileXml,
  forticlient,
  networkmanager,
  pcf,
  phonebook,
  shrew,
  ipsecConf,
  swanctl,
]

/** What Culvert imports, for people. */
const SUPPORTED =
  'Culvert imports .sswan, .mobileconfig, .nmconnection, .pcf, .pbk, .vpn (Shrew), ipsec.conf, swanctl.conf, ProfileXML, FortiClient XML and its own JSON, also as zip or folder.'

/** Formats that people have and Culvert cannot import: better named than called unknown. */
const knownOthers: readonly { readonly format: string; readonly mark: RegExp }[] = [
  { format: 'an ipsec.secrets', mark: /^\S*\s*: (?:PSK|RSA|EAP|XAUTH|P12|ECDSA) /m },
  { format: 'a WireGuard configuration, another kind of VPN', mark: /^\s*\[Interface\]\s*$/m },
  { format: 'an OpenVPN configuration, another kind of VPN', mark: /^\s*(?:client|remote \S+ \d+)\s*$/m },
]

export interface RecognisedImport extends ImportResult {
  /** The format's name; absent when none was recognised. */
  readonly format?: string
}

const nothing = (
  where: string,
  problem: string,
  advice: string,
  before: readonly ImportProblem[] = [],
): RecognisedImport => ({
  profiles: [],
  secrets: [],
  problems: [...before, { level: 'error', where, problem, advice }],
})

/** Profiles, secrets and problems of one file. Never throws for what the file says. */
export function importProfile(input: ImportInput): RecognisedImport {
  if (input.bytes.length > PROFILE_SIZE_LIMIT) {
    return nothing(input.name, 'The file is larger than any profile', 'Check that it is the right file.')
  }
  const problems = problemList()
  const found = contentOf(input.bytes, input.name, problems)
  if (!found.ok) {
    const isBinary = found.error === 'The file is not text'
    const advice = isBinary
      ? `${SUPPORTED} A certificate or key alone is none.`
      : 'Ask for the file again; it may have been cut or changed on the way.'
    return nothing(input.name, found.error, advice, problems.problems)
  }
  const content = found.value
  const importer = importers.find((candidate) => candidate.recognises(content))
  if (importer === undefined) return unrecognised(input.name, content)
  const result = importer.read(input, content)
  return { format: importer.format, ...result, problems: [...problems.problems, ...result.problems] }
}

function unrecognised(name: string, { text, json }: ImportContent): RecognisedImport {
  const other = knownOthers.find(({ mark }) => mark.test(text.slice(0, 65_536)))
  if (other !== undefined) return nothing(name, `This is ${other.format}`, SUPPORTED)
  const parsed = text.trimStart().startsWith('{') && json === undefined ? parseJson(text) : undefined
  if (parsed?.ok === false) {
    const advice = 'Ask for the file again; it may have been cut or changed on the way.'
    return nothing(name, parsed.error, advice)
  }
  return nothing(name, 'The format is not recognised', SUPPORTED)
}
