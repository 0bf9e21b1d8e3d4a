/** NetworkManager's plugin vpnc: Cisco's IKEv1 (shared/nm-service-defines.h of NetworkManager-vpnc). */
import type { Description } from './description.ts'
import { certificatesBeside } from './named-files.ts'
import type { KeyfileReading } from './networkmanager-keyfile.ts'
import { keyfileDns, keyfileSecret } from './networkmanager-keyfile.ts'
import { ciscoGroups, groupIdentity, tellNoEncryption } from './version-1.ts'

export function vpncConnection(reading: KeyfileReading): Description | undefined {
  const { name, uuid, vpn, input, problems } = reading
  const address = vpn.text('IPSec gateway')
  if (address === undefined) {
    problems.add('error', vpn.where('IPSec gateway'), 'The gateway is missing', 'Ask for a complete file.')
    return undefined
  }
  for (const key of [
    'Enable Single DES',
    'Enable no encryption',
    'Enable weak encryption',
    'Enable weak authentication',
  ]) {
    if (vpn.flag(key) === true) tellNoEncryption(vpn.where(key), problems)
  }
  const hybrid = vpn.text('IKE Authmode') === 'hybrid'
  const authorityFile = vpn.text('CA-File')
  const authorities =
    authorityFile === undefined
      ? []
      : certificatesBeside(input.files, authorityFile, vpn.where('CA-File'), problems)
  const group = ciscoGroups[vpn.text('IKE DH Group') ?? 'dh2']
  const domain = vpn.text('Domain')
  const user = vpn.text('Xauth username')
  const secret = keyfileSecret(reading, 'IPSec secret')
  const password = keyfileSecret(reading, 'Xauth password')
  const forced = vpn.text('NAT Traversal Mode')
  const silence = vpn.integer('DPD idle timeout (our side)', 0, 86_400)
  const vendor = vpn.text('Vendor')
  vpn.skip(
    ...[
      'service-type',
      'Perfect Forward Secrecy',
      'Application Version',
      'Cisco UDP Encapsulation Port',
      'Local Port',
    ],
    ...['ipsec-secret-type', 'xauth-password-type', 'IPSec secret-flags', 'Xauth password-flags'],
  )
  return {
    where: '[vpn]',
    seeds: [uuid ?? ''],
    uuid,
    name: name === '' ? address : name,
    ike: {
      version: 1,
      exchange: 'aggressive',
      hybrid,
      modeConfig: 'pull',
      xauth: { username: domain === undefined ? user : `${domain}\\${user ?? ''}`, password },
      ...(vendor === undefined ? {} : { vendor }),
    },
    gateway: { address },
    local: {
      identity: groupIdentity(vpn.text('IPSec ID')),
      proof: { kind: 'psk', secret },
      where: vpn.where('IPSec ID'),
    },
    remote: {
      proof: hybrid
        ? { kind: 'certificate', authorities: authorities ?? [] }
        : { kind: 'psk', secret: secret?.slice() },
    },
    proposals: {
      ike: {
        where: vpn.where('IKE DH Group'),
        value: [`aes256-sha1-${group ?? 'modp1024'}`, `aes128-sha1-${group ?? 'modp1024'}`],
      },
      esp: { where: vpn.where('IPSec gateway'), value: ['aes256-sha1', 'aes128-sha1'] },
    },
    forceEncapsulation: forced === 'force-natt' ? true : undefined,
    livenessSeconds: silence,
    dns: keyfileDns(reading),
  }
}
