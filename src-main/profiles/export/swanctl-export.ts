/** strongSwan's swanctl.conf, with certificates in files beside it where swanctl looks for them. */
import { fail, ok } from '../../../src-shared/result.ts'
import type { LogInServer, Profile } from '../../../src-shared/profile.ts'
import { toStrongswanIdentity } from '../strongswan-identity.ts'
import type { ExportedFile, Exporter, LostField } from './exporter.ts'
import { fileStem } from './file-stem.ts'
import type { OptionalField } from './lost-fields.ts'
import { lostFields, lostSecrets } from './lost-fields.ts'

type Value = string | number | boolean | readonly string[]
interface Section {
  readonly [key: string]: Value | Section | undefined
}

export const swanctlExport: Exporter = {
  label: 'strongSwan swanctl.conf',
  extension: '.swanctl.conf',
  write(profile) {
    if (!isWritable(profile))
      return fail('a name or identity holds a character that swanctl.conf has no way to write')
    const stem = fileStem(profile.name)
    const beside: ExportedFile[] = []
    const file = (folder: string, name: string, text: string): string => {
      beside.push({ name: `${folder}/${name}`, text })
      return name
    }
    const kept = new Set<OptionalField>([
      ...(['gateway.port', 'local.identity', 'remote.identity', 'proposals.ike', 'proposals.esp'] as const),
      ...(['traffic.remote', 'traffic.local', 'virtualAddress', 'lifetimes.ikeSeconds'] as const),
      ...([
        'lifetimes.childSeconds',
        'lifetimes.childBytes',
        'lifetimes.childPackets',
        'livenessSeconds',
      ] as const),
      ...(['forceEncapsulation', 'fragmentation', 'replayWindow'] as const),
    ])
    const lost: LostField[] = [...lostSecrets(profile)]
    if (stem !== profile.name) lost.push({ where: 'name', problem: 'A section is named by simple words' })
    const connection = { [stem]: connectionOf(profile, stem, file, kept) }
    lost.push(...lostFields(profile, kept))
    const text = `# ${profile.name}\n${write({ connections: connection })}`
    return ok({ text, beside, lost })
  },
}

type WriteFile = (folder: string, name: string, text: string) => string

function connectionOf(profile: Profile, stem: string, file: WriteFile, kept: Set<OptionalField>): Section {
  const { gateway, local, remote, proposals, traffic, virtualAddress, lifetimes } = profile
  const vips = [...(virtualAddress.ipv4 ? ['0.0.0.0'] : []), ...(virtualAddress.ipv6 ? ['::'] : [])]
  const own =
    local.authentication.method === 'certificate'
      ? local.authentication.certificates.map((pem, index) => file('x509', `${stem}-${index + 1}.pem`, pem))
      : []
  const authorities =
    remote.authentication.method === 'certificate'
      ? remote.authentication.authorities.map((pem, index) =>
          file('x509ca', `${stem}-ca-${index + 1}.pem`, pem),
        )
      : []
  return {
    version: 2,
    remote_addrs: gateway.address,
    ...(gateway.port === 500 ? {} : { remote_port: gateway.port }),
    ...(proposals.ike.length === 0 ? {} : { proposals: proposals.ike }),
    ...(vips.length === 0 ? {} : { vips }),
    rekey_time: `${lifetimes.ikeSeconds}s`,
    dpd_delay: `${profile.livenessSeconds}s`,
    ...(profile.forceEncapsulation ? { encap: true } : {}),
    ...(profile.fragmentation ? {} : { fragmentation: 'no' }),
    local: {
      ...localAuthentication(profile, kept),
      ...(local.identity === undefined ? {} : { id: toStrongswanIdentity(local.identity) }),
      ...(own.length === 0 ? {} : { certs: own }),
    },
    remote: {
      auth: remote.authentication.method === 'psk' ? 'psk' : 'pubkey',
      ...(remote.identity === undefined ? {} : { id: toStrongswanIdentity(remote.identity) }),
      ...(authorities.length === 0 ? {} : { cacerts: authorities }),
      ...revocationOf(profile, kept),
    },
    children: {
      [stem]: {
        remote_ts: traffic.remote,
        ...(traffic.local.length === 0 ? {} : { local_ts: traffic.local }),
        ...(proposals.esp.length === 0 ? {} : { esp_proposals: proposals.esp }),
        rekey_time: `${lifetimes.childSeconds}s`,
        ...counted('rekey_bytes', lifetimes.childBytes),
        ...counted('rekey_packets', lifetimes.childPackets),
        ...(profile.replayWindow === 64 ? {} : { replay_window: profile.replayWindow }),
      },
    },
  }
}

/** swanctl's own default, `relaxed`, is ours; it cannot be told to ask nobody. */
function revocationOf({ remote: { authentication } }: Profile, kept: Set<OptionalField>): Section {
  const strict = authentication.method === 'certificate' && authentication.revocation === 'strict'
  if (strict) kept.add('remote.authentication.revocation')
  return strict ? { revocation: 'strict' } : {}
}

const counted = (key: string, count: number | undefined): Section =>
  count === undefined ? {} : { [key]: count }

function localAuthentication({ local: { authentication } }: Profile, kept: Set<OptionalField>): Section {
  switch (authentication.method) {
    case 'psk':
      return { auth: 'psk' }
    case 'certificate': {
      const { eap } = authentication
      if (eap === undefined) return { auth: 'pubkey' }
      if (isNameAlone(eap.server)) kept.add('local.authentication.eap')
      return {
        auth: 'eap-tls',
        ...(eap.identity === undefined ? {} : { eap_id: eap.identity }),
        ...(eap.server?.identity === undefined ? {} : { aaa_id: eap.server.identity }),
      }
    }
    case 'eap': {
      const { allow, username } = authentication
      const [only] = allow
      // `eap` alone means what both ends agree on, which is Culvert's default.
      if (allow.length === 1 || allow.join() === 'mschapv2,gtc') kept.add('local.authentication.allow')
      const server = authentication.server?.identity
      if (isNameAlone(authentication.server)) kept.add('local.authentication.server')
      if (only === 'ttls' && authentication.inner === 'eap-mschapv2') kept.add('local.authentication.inner')
      return {
        auth: allow.length === 1 && only !== undefined ? `eap-${only}` : 'eap',
        eap_id: username,
        ...(server === undefined ? {} : { aaa_id: server }),
      }
    }
  }
}

/** strongSwan has a name for the server of the log-in, and no authorities or key of its own. */
const isNameAlone = (server: LogInServer | undefined): boolean =>
  server?.authorities === undefined && server?.pin === undefined

/** Neither a quote nor a backslash can stand in a value without doubt about how it is read; a profile rarely has one. */
const isWritable = ({ name, local, remote }: Profile): boolean => {
  const { authentication } = local
  const texts = [
    name,
    local.identity,
    remote.identity,
    authentication.method === 'eap' ? authentication.username : '',
  ]
  return texts.every((text) => text === undefined || !/[\r\n]/.test(text))
}

const write = (section: Section, indent = ''): string =>
  Object.entries(section)
    .map(([key, value]) => (value === undefined ? '' : line(key, value, indent)))
    .join('')

const isList = (value: Value | Section): value is readonly string[] => Array.isArray(value)

function line(key: string, value: Value | Section, indent: string): string {
  if (isList(value)) return `${indent}${key} = ${value.join(', ')}\n`
  if (typeof value === 'object') return `${indent}${key} {\n${write(value, `${indent}  `)}${indent}}\n`
  if (typeof value === 'boolean') return `${indent}${key} = ${value ? 'yes' : 'no'}\n`
  return `${indent}${key} = ${typeof value === 'number' ? value : quoted(value)}\n`
}

/** strongSwan's settings parser: within quotes, a backslash takes the next character as it is. */
const quoted = (text: string): string =>
  /^[\w.:@/%-]+$/.test(text) ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
