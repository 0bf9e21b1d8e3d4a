/** NetworkManager's plugin strongswan: IKEv2 by charon-nm (src/charon-nm/nm/nm_service.c). */
import type { Description, LocalProof, RemoteProof } from './description.ts'
import { certificatesBeside, keyBeside } from './named-files.ts'
import type { KeyfileReading } from './networkmanager-keyfile.ts'
import { keyfileDns, keyfileSecret } from './networkmanager-keyfile.ts'
import { networksIn } from './networks.ts'
import { fromStrongswanIdentity } from '../strongswan-identity.ts'

const LIST = /[;,]+/

export function strongswanConnection(reading: KeyfileReading): Description | undefined {
  const { name, uuid, vpn, problems } = reading
  const address = vpn.text('address')
  if (address === undefined) {
    problems.add('error', vpn.where('address'), 'The gateway is missing', 'Ask for a complete file.')
    return undefined
  }
  const local = localProof(reading)
  const remote = remoteProof(reading)
  if (vpn.flag('ipcomp') === true) {
    problems.add(
      'warning',
      vpn.where('ipcomp'),
      'Compression is not supported',
      'The connection is made without it.',
    )
  }
  // Lists of algorithms count only when they are switched on.
  const custom = vpn.flag('proposal') === true
  const ike = vpn.list('ike', LIST)
  const esp = vpn.list('esp', LIST)
  const virtual = vpn.flag('virtual') === true
  const description = {
    where: '[vpn]',
    seeds: [uuid ?? ''],
    uuid,
    name: name === '' ? address : name,
    ike: { version: 2 as const },
    gateway: { address, port: vpn.integer('server-port', 1, 65_535) },
    proposals: custom
      ? { ike: { where: vpn.where('ike'), value: ike }, esp: { where: vpn.where('esp'), value: esp } }
      : {},
    virtualAddress: { ipv4: virtual, ipv6: virtual },
    traffic: {
      remote: networksIn(vpn.list('remote-ts', LIST), vpn.where('remote-ts'), problems),
      local: networksIn(vpn.list('local-ts', LIST), vpn.where('local-ts'), problems),
    },
    forceEncapsulation: vpn.flag('encap'),
    dns: keyfileDns(reading),
  }
  const identity = vpn.text('local-identity') ?? (local?.kind === 'psk' ? vpn.text('user') : undefined)
  const remoteIdentity = vpn.text('remote-identity')
  vpn.skip('user', 'password-flags', 'service-type', 'userkey', 'usercert', 'certificate')
  if (local === undefined || remote === undefined) return undefined
  return {
    ...description,
    local: { identity: named(identity), proof: local, where: vpn.where('method') },
    remote: { identity: named(remoteIdentity), proof: remote },
  }
}

const named = (identity: string | undefined): string | undefined =>
  identity === undefined ? undefined : fromStrongswanIdentity(identity)

function localProof(reading: KeyfileReading): LocalProof | undefined {
  const { vpn, problems } = reading
  const method = vpn.text('method') ?? 'eap'
  const source = vpn.text('cert-source') ?? 'file'
  switch (method) {
    case 'psk':
      return { kind: 'psk', secret: keyfileSecret(reading, 'password') }
    case 'eap':
      return {
        kind: 'eap',
        username: vpn.text('user'),
        password: keyfileSecret(reading, 'password'),
        methods: ['mschapv2', 'gtc'],
      }
    case 'eap-tls':
    case 'cert':
    case 'key':
      if (source === 'file') return certificateProof(reading, method)
  }
  const kind = method === 'agent' || method === 'smartcard' ? method : source
  const isDevice = kind === 'agent' || kind === 'smartcard'
  problems.add(
    'error',
    vpn.where(kind === method ? 'method' : 'cert-source'),
    isDevice
      ? `The private key lies with ${kind === 'agent' ? 'an SSH agent' : 'a smart card'}, which is not supported`
      : `The method "${kind.slice(0, 40)}" is not known`,
    'Ask the administrator for a connection with a certificate in a file, or with a password.',
  )
  return undefined
}

function certificateProof(reading: KeyfileReading, method: string): LocalProof | undefined {
  const { vpn, input, problems } = reading
  const certificatePath = vpn.text('usercert')
  const keyPath = vpn.text('userkey')
  if (certificatePath === undefined || keyPath === undefined) {
    const missing = certificatePath === undefined ? 'usercert' : 'userkey'
    problems.add(
      'error',
      vpn.where(missing),
      'The connection names no certificate or no key of yours',
      'Ask for a complete file.',
    )
    return undefined
  }
  const certificates = certificatesBeside(input.files, certificatePath, vpn.where('usercert'), problems)
  const key = keyBeside(input.files, keyPath, vpn.where('userkey'), problems)
  if (certificates === undefined || key === undefined) return undefined
  const password = keyfileSecret(reading, 'password')
  const certificate = {
    certificates: key.kind === 'pkcs12' ? [] : certificates,
    key: { ...key, ...(password === undefined ? {} : { password }) },
  }
  return method === 'eap-tls'
    ? { kind: 'eap', methods: ['tls'], certificate }
    : { kind: 'certificate', ...certificate }
}

/** With a pre-shared key the gateway proves itself by it, too; otherwise by a certificate of the named authority. */
function remoteProof(reading: KeyfileReading): RemoteProof | undefined {
  const { vpn, input, problems } = reading
  if (vpn.text('method') === 'psk') return { kind: 'psk', secret: keyfileSecret(reading, 'password') }
  const path = vpn.text('certificate')
  if (path === undefined) {
    problems.add(
      'note',
      vpn.where('certificate'),
      'The file names no authority',
      'The authorities of this system are trusted, and the gateway must prove its name.',
    )
    return { kind: 'certificate', authorities: [] }
  }
  const authorities = certificatesBeside(input.files, path, vpn.where('certificate'), problems)
  return authorities === undefined ? undefined : { kind: 'certificate', authorities }
}
