/** Shrew Soft's profiles (`.vpn`): lines `n:key:integer`, `s:key:text`, `b:key:base64`; IKEv1. */
import { decodeBase64 } from './base64.ts'
import { certificatesInFile, keyStanding } from './certificates.ts'
import type { Description, LocalProof, RemoteProof } from './description.ts'
import { profilesOf } from './description-to-profile.ts'
import { groupKeyword } from './group-keyword.ts'
import type { Importer, ProblemList } from './importer.ts'
import { problemList } from './importer.ts'
import type { KeyedValue, KeyedValues } from './keyed-values.ts'
import { keyedValues } from './keyed-values.ts'
import { networksIn } from './networks.ts'
import { readShrewProposals } from './shrew-proposals.ts'
import { groupIdentity, tellNoEncryption } from './version-1.ts'

const LINE_LIMIT = 2000

export const shrew: Importer = {
  format: 'Shrew Soft VPN profile (.vpn)',
  recognises: ({ text }) => /^[nsb]:network-host:|^n:version:\d/m.test(text),
  read(input, { text }) {
    const problems = problemList()
    const values = keyedValues(parseLines(text, problems), '', problems)
    const description = describe(values, input.name, problems)
    const rest = values.takeUnread()
    if (rest.length > 0) {
      const problem = `These settings have no meaning here: ${rest.slice(0, 40).join(', ').slice(0, 600)}`
      problems.add('note', 'the whole file', problem, 'Nothing to do if the connection works.')
    }
    return profilesOf(description === undefined ? [] : [description], 'shrew', input, problems)
  },
}

/** `policy-list-include` may stand several times: its values are joined. */
function parseLines(text: string, problems: ProblemList): readonly KeyedValue[] {
  const entries: KeyedValue[] = []
  for (const [index, line] of text
    .split(/\r\n|\n|\r/)
    .slice(0, LINE_LIMIT)
    .entries()) {
    if (line.trim() === '') continue
    const [, key, value = ''] = /^[nsb]:([\w-]{1,60}):(.*)$/.exec(line) ?? []
    if (key === undefined) {
      problems.add('warning', `line ${index + 1}`, 'This line is no setting', 'It is ignored.')
      continue
    }
    const same = key.startsWith('policy-list-') ? entries.findIndex((entry) => entry.key === key) : -1
    const earlier = entries[same]
    if (earlier === undefined) entries.push({ key, value, line: index + 1 })
    else entries[same] = { ...earlier, value: `${earlier.value},${value}` }
  }
  return entries
}

function describe(values: KeyedValues, name: string, problems: ProblemList): Description | undefined {
  const address = values.text('network-host')
  if (address === undefined) {
    problems.add('error', values.where('network-host'), 'The gateway is missing', 'Ask for a complete file.')
    return undefined
  }
  const method = values.text('auth-method') ?? 'mutual-psk'
  const proofs = readProofs(values, method, problems)
  if (proofs === undefined) return undefined
  const usesXauth = method.endsWith('-xauth')
  const exchange = values.text('phase1-exchange') === 'aggressive' ? 'aggressive' : 'main'
  return {
    where: 'the whole file',
    seeds: [],
    name: name.replace(/\.vpn$/i, ''),
    ike: {
      version: 1,
      exchange,
      hybrid: method.startsWith('hybrid-'),
      modeConfig:
        values.text('client-auto-mode') === 'push'
          ? 'push'
          : values.text('client-auto-mode') === 'disabled'
            ? 'none'
            : 'pull',
      ...(usesXauth ? { xauth: { username: values.text('client-saved-username') } } : {}),
    },
    gateway: { address, port: values.integer('network-ike-port', 1, 65_535) },
    local: { identity: identity(values, 'client'), proof: proofs.local, where: values.where('auth-method') },
    remote: { identity: identity(values, 'server'), proof: proofs.remote },
    proposals: readShrewProposals(values, groupKeyword),
    ...readOptions(values, problems),
  }
}

function readOptions(values: KeyedValues, problems: ProblemList): Partial<Description> {
  const include = networksIn(
    values.list('policy-list-include', /,/).map(withPrefix),
    values.where('policy-list-include'),
    problems,
  )
  if (values.text('policy-list-exclude') !== undefined) {
    problems.add(
      'warning',
      values.where('policy-list-exclude'),
      'Networks outside the tunnel are not supported',
      'They go through the tunnel. Name the networks inside it instead.',
    )
  }
  const encryption = values.text('phase2-transform') ?? ''
  if (/null|des$/.test(encryption)) tellNoEncryption(values.where('phase2-transform'), problems)
  const servers = values.list('client-dns-addr', /[,;\s]+/)
  const suffix = values.text('client-dns-suffix')
  return {
    traffic: include.length === 0 ? undefined : { remote: include },
    lifetimes: {
      ikeSeconds: values.integer('phase1-life-secs', 1, 31_536_000),
      childSeconds: values.integer('phase2-life-secs', 1, 31_536_000),
    },
    dns:
      servers.length + (suffix === undefined ? 0 : 1) === 0
        ? undefined
        : { servers, domains: suffix === undefined ? [] : [suffix] },
    natKeepaliveSeconds: values.integer('network-natt-rate', 1, 3600),
    forceEncapsulation: values.text('network-natt-mode')?.startsWith('force'),
    livenessSeconds: values.flag('network-dpd-enable') === false ? 0 : undefined,
    mtu: values.integer('network-mtu-size', 1280, 9000),
  }
}

/** `192.168.0.0 / 255.255.255.0` as a prefix. */
function withPrefix(text: string): string {
  const [address = '', mask] = text.split('/').map((part) => part.trim())
  if (mask?.includes('.') !== true) return text.replace(/\s/g, '')
  const bits = mask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('')
  return /^1*0*$/.test(bits) && bits.length === 32 ? `${address}/${bits.replace(/0+$/, '').length}` : text
}

/** `fqdn`, `ufqdn` and `address` are written as they are; `keyid` is marked; `any` and `asn1dn` without data mean the default. */
function identity(values: KeyedValues, end: 'client' | 'server'): string | undefined {
  const type = values.text(`ident-${end}-type`)
  const data = values.text(`ident-${end}-data`)
  if (data === undefined || type === 'any') return undefined
  return type === 'keyid' ? groupIdentity(data) : data
}

function readProofs(
  values: KeyedValues,
  method: string,
  problems: ProblemList,
): { readonly local: LocalProof; readonly remote: RemoteProof } | undefined {
  const blob = (key: string) => decodeBase64(values.text(key) ?? '')
  const secret = blob('auth-mutual-psk')
  if (method.startsWith('mutual-psk')) {
    return { local: { kind: 'psk', secret }, remote: { kind: 'psk', secret: secret?.slice() } }
  }
  const authority = certificatesInFile(blob('auth-server-cert-data') ?? new Uint8Array(0))
  const remote: RemoteProof = { kind: 'certificate', authorities: authority.ok ? authority.value : [] }
  if (method.startsWith('hybrid-')) return { local: { kind: 'psk' }, remote }
  const own = certificatesInFile(blob('auth-client-cert-data') ?? new Uint8Array(0))
  const key = blob('auth-client-key-data')
  const standing = key === undefined ? undefined : keyStanding(key)
  if (key !== undefined && standing !== undefined && own.ok) {
    const local: LocalProof = {
      kind: 'certificate',
      certificates: own.value,
      key: { kind: standing.kind, bytes: key, encrypted: standing.encrypted },
    }
    return { local, remote }
  }
  problems.add(
    'error',
    values.where('auth-client-cert-data'),
    'Your certificate and key are not in the file',
    'Ask the administrator for a profile that contains them.',
  )
  return undefined
}
