/**
 * Apple's configuration profiles: a property list (XML or binary, perhaps CMS-signed) with payloads. VPN payloads become
 * connections; certificate and PKCS#12 payloads are what they refer to.
 * Keys: apple/device-management, com.apple.vpn.managed.yaml.
 */
import { certificatesInFile, keyStanding } from './certificates.ts'
import type { Description } from './description.ts'
import { profilesOf } from './description-to-profile.ts'
import type { ImportInput, ImportResult, Importer, ProblemList } from './importer.ts'
import { problemList } from './importer.ts'
import { ikev2Description } from './mobileconfig-ikev2.ts'
import { ipsecDescription } from './mobileconfig-ipsec.ts'
import type { Payloads, VpnPayload } from './mobileconfig-payloads.ts'
import { unfollowedInVpn } from './mobileconfig-unfollowed.ts'
import { isDictionary } from './plist.ts'
import type { PlistFields } from './plist-fields.ts'
import { plistFields } from './plist-fields.ts'

const PAYLOAD_LIMIT = 200
const VPN_TYPES = ['com.apple.vpn.managed', 'com.apple.vpn.managed.applayer']
const CERTIFICATE_TYPES = ['com.apple.security.root', 'com.apple.security.pem', 'com.apple.security.pkcs1']

export const mobileconfig: Importer = {
  format: 'Apple configuration profile (.mobileconfig)',
  recognises: ({ plist }) =>
    isDictionary(plist) && ('PayloadContent' in plist || 'EncryptedPayloadContent' in plist),
  read(input, { plist }) {
    const problems = problemList()
    if (!isDictionary(plist)) return { profiles: [], secrets: [], problems: problems.problems }
    return readProfile(plistFields(plist, '', problems), input, problems)
  },
}

function readProfile(top: PlistFields, input: ImportInput, problems: ProblemList): ImportResult {
  if (top.has('EncryptedPayloadContent')) {
    problems.add(
      'error',
      'EncryptedPayloadContent',
      'The profile is encrypted for one device',
      'Ask for one that is not, or copy its settings from that device.',
    )
  }
  const payloads = top.dictionaries('PayloadContent').slice(0, PAYLOAD_LIMIT)
  const known = gatherCertificates(payloads, problems)
  const vpns = payloads.filter((payload) => VPN_TYPES.includes(payload.text('PayloadType') ?? ''))
  const profileName = top.text('PayloadDisplayName')
  const descriptions = vpns.flatMap((payload) => readVpn(payload, profileName, known, problems))
  tellOthers(payloads, problems)
  if (vpns.length === 0 && !top.has('EncryptedPayloadContent')) {
    problems.add(
      'error',
      'PayloadContent',
      'There is no VPN in this profile',
      'Ask for the file with the VPN.',
    )
  }
  if (top.flag('PayloadRemovalDisallowed') === true) {
    problems.add(
      'note',
      'PayloadRemovalDisallowed',
      'The administrator does not want the profile removed',
      'Culvert lets you remove it.',
    )
  }
  return profilesOf(descriptions, 'mobileconfig', input, problems)
}

function gatherCertificates(payloads: readonly PlistFields[], problems: ProblemList): Payloads {
  const authorities: string[] = []
  const certificates = new Map<string, readonly string[]>()
  const containers: Payloads['containers'] = new Map()
  for (const payload of payloads) {
    const type = payload.text('PayloadType') ?? ''
    const id = payload.text('PayloadUUID') ?? ''
    const content = payload.data('PayloadContent')
    if (CERTIFICATE_TYPES.includes(type)) {
      const found = certificatesInFile(content ?? new Uint8Array(0))
      if (found.ok) {
        authorities.push(...found.value)
        certificates.set(id, found.value)
      } else {
        problems.add(
          'error',
          payload.where('PayloadContent'),
          `The certificate cannot be read: ${found.error}`,
          'Ask for the file again; it may have been cut on the way.',
        )
      }
    }
    if (type === 'com.apple.security.pkcs12' && content !== undefined) {
      if (keyStanding(content)?.kind === 'pkcs12') {
        containers.set(id, { bytes: content, password: payload.data('Password') })
      } else {
        problems.add(
          'error',
          payload.where('PayloadContent'),
          'This is not a PKCS#12 file',
          'Ask for the file again; it may have been cut on the way.',
        )
      }
    }
  }
  return { authorities, certificates, containers }
}

/** Payloads that are neither VPN nor certificates are not ours; ways to fetch a certificate are told. */
function tellOthers(payloads: readonly PlistFields[], problems: ProblemList): void {
  for (const payload of payloads) {
    const type = payload.text('PayloadType') ?? 'without a type'
    if (VPN_TYPES.includes(type) || CERTIFICATE_TYPES.includes(type) || type === 'com.apple.security.pkcs12')
      continue
    const fetches = /\.(?:scep|acme)$/.test(type)
    problems.add(
      fetches ? 'warning' : 'note',
      payload.place,
      fetches
        ? 'The device would fetch its certificate itself (SCEP or ACME), which Culvert does not'
        : `This payload (${type.slice(0, 60)}) is not about VPN`,
      fetches ? 'Ask the administrator for your certificate and key as a file.' : 'It is ignored.',
    )
  }
}

function readVpn(
  payload: PlistFields,
  profileName: string | undefined,
  known: Payloads,
  problems: ProblemList,
): Description | readonly [] {
  const type = payload.text('VPNType') ?? ''
  const given = payload.text('UserDefinedName') ?? payload.text('PayloadDisplayName') ?? profileName
  const vpn: VpnPayload = { payload, name: given ?? '', uuid: payload.text('PayloadUUID'), known, problems }
  if (payload.text('PayloadType') === 'com.apple.vpn.managed.applayer') {
    problems.add(
      'warning',
      payload.where('PayloadType'),
      'Choosing which apps use the tunnel is not supported',
      'All programs use it.',
    )
  }
  tellProxies(payload, problems)
  payload.tell(unfollowedInVpn)
  if (type === 'IKEv2') return ikev2Description(vpn, payload.dictionary('IKEv2')) ?? []
  if (type === 'AlwaysOn') return alwaysOn(vpn)
  if (type === 'IPSec') return ipsecDescription(vpn, payload.dictionary('IPSec')) ?? []
  const sub = payload.text('VPNSubType')
  problems.add(
    'error',
    payload.where('VPNType'),
    `"${given ?? 'This VPN'}" is of the kind ${type.slice(0, 40)}${sub === undefined ? '' : ` (${sub.slice(0, 60)})`}, which is not supported`,
    'Ask the administrator for an IKEv2 connection.',
  )
  return []
}

/** The dictionary is always there; it says something when one of its proxies is switched on. */
function tellProxies(payload: PlistFields, problems: ProblemList): void {
  const proxies = payload.dictionary('Proxies')
  const isOn = ['HTTPEnable', 'HTTPSEnable', 'ProxyAutoConfigEnable'].some(
    (key) => proxies?.flag(key) === true,
  )
  if (!isOn) return
  problems.add(
    'warning',
    payload.where('Proxies'),
    'A proxy for the traffic in the tunnel is not supported',
    'Set it in the system if you need it.',
  )
}

/** VPNType AlwaysOn: the first of its tunnels, which all lead to one gateway. */
function alwaysOn(vpn: VpnPayload): Description | readonly [] {
  const { payload, problems } = vpn
  problems.add(
    'warning',
    payload.where('AlwaysOn'),
    'Blocking all traffic beside the tunnel is not part of a profile',
    'Connect yourself.',
  )
  const tunnels = payload.dictionary('AlwaysOn')?.dictionaries('TunnelConfigurations') ?? []
  return ikev2Description(vpn, tunnels[0]) ?? []
}
