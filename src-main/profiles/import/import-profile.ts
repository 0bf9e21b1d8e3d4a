/** Imports a file of any format that is known: the format is recognised from the content, never from the name. */
import { PROFILE_SIZE_LIMIT, decodeText, parseJson } from '../parse.ts'
import type { ImportContent, ImportInput, ImportResult, Importer } from './importer.ts'
import { culvertJson } from './culvert-json.ts'
import { sswan } from './sswan.ts'
import { swanctl } from './swanctl.ts'

const importers: readonly Importer[] = [culvertJson, sswan, swanctl]

/** Formats that people have and Culvert cannot import yet: better named than called unknown. */
const knownOthers: readonly { readonly format: string; readonly mark: RegExp }[] = [
  { format: 'an Apple configuration profile (.mobileconfig)', mark: /<plist[\s>]/ },
  { format: 'a NetworkManager connection', mark: /^\s*\[(?:connection|vpn)\]\s*$/m },
  { format: 'a Cisco VPN profile (.pcf)', mark: /^\s*\[main\]\s*$/im },
  { format: 'a Shrew VPN profile', mark: /^n:version:\d/m },
  { format: 'an ipsec.conf', mark: /^(?:config setup|conn \S+)\s*$/m },
  { format: 'an ipsec.secrets', mark: /^\S*\s*: (?:PSK|RSA|EAP|XAUTH|P12|ECDSA) /m },
  { format: 'a FortiClient configuration', mark: /<forticlient_configuration/ },
  { format: 'a WireGuard configuration, another kind of VPN', mark: /^\s*\[Interface\]\s*$/m },
  { format: 'an OpenVPN configuration, another kind of VPN', mark: /^\s*(?:client|remote \S+ \d+)\s*$/m },
]

export interface RecognisedImport extends ImportResult {
  /** The format's name; absent when none was recognised. */
  readonly format?: string
}

const nothing = (where: string, problem: string, advice: string): RecognisedImport => ({
  profiles: [],
  secrets: [],
  problems: [{ level: 'error', where, problem, advice }],
})

/** Profiles, secrets and problems of one file. Never throws for what the file says. */
export function importProfile(input: ImportInput): RecognisedImport {
  if (input.bytes.length > PROFILE_SIZE_LIMIT) {
    return nothing(input.name, 'The file is larger than any profile', 'Check that it is the right file.')
  }
  const text = decodeText(input.bytes)
  if (text === undefined) {
    return nothing(
      input.name,
      'The file is not text',
      'Import the profile itself (.sswan, swanctl.conf or JSON), not a certificate or key alone.',
    )
  }
  const json = parseJson(text)
  const content: ImportContent = { text, json: json.ok ? json.value : undefined }
  const importer = importers.find((candidate) => candidate.recognises(content))
  if (importer !== undefined) return { format: importer.format, ...importer.read(input, content) }

  const other = knownOthers.find(({ mark }) => mark.test(text.slice(0, 65_536)))
  if (other !== undefined) {
    return nothing(
      input.name,
      `This is ${other.format}`,
      'Culvert imports .sswan, swanctl.conf and its own JSON profiles.',
    )
  }
  if (text.trimStart().startsWith('{') && !json.ok) {
    return nothing(
      input.name,
      json.error,
      'Ask for the file again; it may have been cut or changed on the way.',
    )
  }
  return nothing(
    input.name,
    'The format is not recognised',
    'Culvert imports .sswan, swanctl.conf and its own JSON profiles.',
  )
}
