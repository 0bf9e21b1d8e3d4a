/** The IPSec dictionary of Apple's VPN payload: Cisco's IKEv1 with XAUTH. */
import type { Description, LocalProof } from './description.ts'
import type { VpnPayload } from './mobileconfig-payloads.ts'
import { linkedCertificate } from './mobileconfig-payloads.ts'
import { tellOnDemand } from './mobileconfig-on-demand.ts'
import type { PlistFields } from './plist-fields.ts'
import { groupIdentity } from './version-1.ts'

/** A group's name that ends so asks for hybrid authentication. */
const HYBRID = /\[hybrid\]$/i

/** The payload names no algorithms; these are what iOS and macOS offer first, in one group, as aggressive mode needs it. */
const applesOffer = (where: string): NonNullable<Description['proposals']> => ({
  ike: { where, value: ['aes256-sha256-modp2048', 'aes256-sha1-modp2048'] },
  esp: { where, value: ['aes256-sha256', 'aes256-sha1', 'aes128-sha1'] },
})

export function ipsecDescription(vpn: VpnPayload, found: PlistFields | undefined): Description | undefined {
  const { payload, name, uuid, known, problems } = vpn
  const address = found?.text('RemoteAddress')
  if (found === undefined || address === undefined) {
    problems.add('error', payload.where('IPSec'), 'The gateway is missing', 'Ask for a complete file.')
    return undefined
  }
  const method = found.text('AuthenticationMethod') ?? 'SharedSecret'
  const group = found.text('LocalIdentifier')
  const hybrid = method === 'SharedSecret' && group !== undefined && HYBRID.test(group)
  const linked = method === 'Certificate' ? linkedCertificate(found, vpn) : undefined
  const proof: LocalProof =
    linked === undefined
      ? { kind: 'psk', secret: found.data('SharedSecret') }
      : { kind: 'certificate', ...linked }
  const usesXauth = found.flag('XAuthEnabled') !== false
  tellOnDemand(found, problems)
  found.has('LocalIdentifierType')
  found.has('XAuthPasswordEncryption')
  found.has('PromptForVPNPIN')
  const xauth = { username: found.text('XAuthName'), password: found.data('XAuthPassword') }
  found.reportUnread()
  if (method === 'Certificate' && linked === undefined) return undefined
  return {
    where: found.place,
    seeds: [uuid ?? ''],
    uuid,
    name: name === '' ? address : name,
    ike: {
      version: 1,
      // iOS and macOS: a group name means aggressive mode.
      exchange: method === 'SharedSecret' && group !== undefined ? 'aggressive' : 'main',
      hybrid,
      modeConfig: 'pull',
      ...(usesXauth ? { xauth } : {}),
    },
    gateway: { address },
    proposals: applesOffer(found.place),
    local: {
      identity: groupIdentity(group?.replace(HYBRID, '')),
      proof,
      where: found.where('AuthenticationMethod'),
    },
    remote: {
      proof:
        method === 'Certificate' || hybrid
          ? { kind: 'certificate', authorities: known.authorities }
          : { kind: 'psk', secret: found.data('SharedSecret') },
    },
  }
}
