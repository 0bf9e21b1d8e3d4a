/** NetworkManager's plugin libreswan: IKEv1 with XAUTH where `ikev2` does not say otherwise. */
import type { Description, LocalProof, RemoteProof } from './description.ts'
import { libreswanProposals } from './libreswan-proposals.ts'
import type { KeyfileReading } from './networkmanager-keyfile.ts'
import { keyfileDns, keyfileSecret } from './networkmanager-keyfile.ts'
import { networksIn } from './networks.ts'
import { ciscoGroups, groupIdentity } from './version-1.ts'

const isIkev2 = (mode: string | undefined): boolean => ['yes', 'propose', 'insist'].includes(mode ?? 'no')

export function libreswanConnection(reading: KeyfileReading): Description | undefined {
  const { name, uuid, vpn, problems } = reading
  const address = vpn.text('right')
  if (address === undefined) {
    problems.add('error', vpn.where('right'), 'The gateway is missing', 'Ask for a complete file.')
    return undefined
  }
  const version2 = isIkev2(vpn.text('ikev2'))
  const psk = keyfileSecret(reading, 'pskvalue')
  const password = keyfileSecret(reading, 'xauthpassword')
  const username = vpn.text('leftxauthusername') ?? vpn.text('leftusername')
  const group = vpn.text('leftid')
  const certificate = vpn.text('leftcert')
  const options = readOptions(reading)
  vpn.skip(
    ...[
      'service-type',
      'pskinputmodes',
      'xauthpasswordinputmodes',
      'pskvalue-flags',
      'xauthpassword-flags',
      'vendor',
    ],
    ...[
      'Domain',
      'left',
      'narrowing',
      'rekey',
      'rightrsasigkey',
      'leftrsasigkey',
      'pfs',
      'pfsgroup',
      'dhgroup',
    ],
    ...['mobike', 'type', 'hostaddrfamily', 'clientaddrfamily', 'nm-configured'],
  )
  if (certificate !== undefined) {
    problems.add(
      'error',
      vpn.where('leftcert'),
      `Your certificate "${certificate.slice(0, 80)}" lies in an NSS database, where Culvert does not look`,
      'Export it with `pk12util -o me.p12 -n NAME -d sql:/var/lib/ipsec/nss` and ask for a profile with it.',
    )
    psk?.fill(0)
    password?.fill(0)
    return undefined
  }
  const local: LocalProof =
    version2 && username !== undefined
      ? { kind: 'eap', username, password, methods: ['mschapv2'] }
      : { kind: 'psk', secret: psk }
  const remote: RemoteProof = { kind: 'psk', secret: psk?.slice() }
  return {
    where: '[vpn]',
    seeds: [uuid ?? ''],
    uuid,
    name: name === '' ? address : name,
    ike: version2
      ? { version: 2 }
      : {
          version: 1,
          // The plugin: with a group name, aggressive mode.
          exchange: group === undefined ? 'main' : 'aggressive',
          modeConfig: 'pull',
          xauth: { username, password },
        },
    gateway: { address },
    local: {
      identity: version2 ? group?.replace(/^@/, '') : groupIdentity(group?.replace(/^@/, '')),
      proof: local,
      where: vpn.where('leftid'),
    },
    remote: { identity: vpn.text('rightid')?.replace(/^@/, ''), proof: remote },
    ...options,
  }
}

const seconds = (text: string | undefined): number | undefined => {
  const [, digits, unit = 's'] = /^(\d{1,8})([smhd]?)$/.exec(text ?? '') ?? []
  const factor = { s: 1, m: 60, h: 3600, d: 86_400 }[unit === '' ? 's' : unit]
  const value = digits === undefined || factor === undefined ? undefined : Number(digits) * factor
  return value === 0 ? undefined : value
}

function readOptions(reading: KeyfileReading): Partial<Description> {
  const { vpn, problems } = reading
  const ike = vpn.text('ike')
  const esp = vpn.text('esp') ?? vpn.text('phase2alg')
  const group = ciscoGroups[vpn.text('dhgroup') ?? '']
  const fragmentation = vpn.flag('fragmentation')
  return {
    proposals: {
      ...(ike === undefined ? {} : { ike: { where: vpn.where('ike'), value: withGroup(ike, group) } }),
      ...(esp === undefined
        ? {}
        : { esp: { where: vpn.where('esp'), value: libreswanProposals('esp', esp) } }),
    },
    lifetimes: {
      ikeSeconds: seconds(vpn.text('ikelifetime')),
      childSeconds: seconds(vpn.text('salifetime')),
    },
    traffic: {
      remote: networksIn(
        vpn.list('rightsubnet', /[,;]/).concat(vpn.list('remotenetwork', /[,;]/)),
        vpn.where('rightsubnet'),
        problems,
      ),
    },
    livenessSeconds: vpn.integer('dpddelay', 0, 3600) ?? vpn.integer('dpdtimeout', 0, 3600),
    fragmentation,
    dns: keyfileDns(reading),
  }
}

const withGroup = (ike: string, group: string | undefined): readonly string[] =>
  libreswanProposals(
    'ike',
    group === undefined || /[;-](?:dh|modp|ecp)/.test(ike)
      ? ike
      : ike
          .split(',')
          .map((one) => `${one};${group}`)
          .join(','),
  )
