/** Cisco VPN Client's profiles (`.pcf`): IKEv1 with a group password. A leading `!` on a key says that the user may not change it. */
import type { Description, LocalProof, RemoteProof } from './description.ts'
import { profilesOf } from './description-to-profile.ts'
import type { ImportInput, Importer, ProblemList } from './importer.ts'
import { problemList } from './importer.ts'
import { parseIni } from './ini.ts'
import type { KeyedValues } from './keyed-values.ts'
import { keyedValues } from './keyed-values.ts'
import { onlyContainer } from './named-files.ts'
import { decryptPcfPassword } from './pcf-password.ts'
import { networksIn } from './networks.ts'
import type { Unfollowed } from './swanctl-section.ts'
import { ciscoGroups, groupIdentity, tellNoEncryption } from './version-1.ts'

export const pcf: Importer = {
  format: 'Cisco VPN profile (.pcf)',
  recognises: ({ text }) =>
    /^\s*\[main\]\s*$/im.test(text) && /^\s*!?(?:Host|GroupName|AuthType)\s*=/im.test(text),
  read(input, { text }) {
    const problems = problemList()
    const entries = parseIni(text, problems)
      .filter(({ name }) => name.toLowerCase() === 'main')
      .flatMap((section) => section.entries)
      .map((entry) => ({ ...entry, key: entry.key.replace(/^!/, '') }))
    const main = keyedValues(entries, '[main]', problems)
    const description = describe(main, input, problems)
    main.reportUnread(unfollowed)
    return profilesOf(description === undefined ? [] : [description], 'pcf', input, problems)
  },
}

function describe(main: KeyedValues, input: ImportInput, problems: ProblemList): Description | undefined {
  const address = main.text('Host')
  if (address === undefined) {
    problems.add('error', main.where('Host'), 'The gateway is missing', 'Ask for a complete file.')
    return undefined
  }
  const proofs = readProofs(main, input, problems)
  if (main.flag('SingleDES') === true) tellNoEncryption(main.where('SingleDES'), problems)
  tellBackup(main, problems)
  const user = main.text('Username')
  const domain = main.text('NTDomain')
  const xauth = {
    username: user !== undefined && domain !== undefined ? `${domain}\\${user}` : user,
    password: password(main, 'UserPassword', problems),
  }
  const group = ciscoGroups[`dh${main.text('DHGroup') ?? '2'}`] ?? 'modp1024'
  const tunnelling = main.text('TunnelingMode')
  if (tunnelling === '1') {
    problems.add(
      'error',
      main.where('TunnelingMode'),
      "Cisco's own IPsec over TCP is not supported",
      'Ask the administrator whether the gateway takes UDP port 4500.',
    )
  }
  const routes = main.list('X-NM-Routes', /\s+/)
  const { proof, remote, hybrid } = proofs
  if (proof === undefined) return undefined
  return {
    where: '[main]',
    seeds: [],
    name: main.text('Description') ?? input.name.replace(/\.pcf$/i, ''),
    ike: {
      version: 1,
      exchange: proof.kind === 'psk' ? 'aggressive' : 'main',
      hybrid,
      modeConfig: 'pull',
      xauth,
      vendor: 'cisco',
    },
    gateway: { address },
    local: { identity: groupIdentity(main.text('GroupName')), proof, where: main.where('AuthType') },
    remote: { proof: remote },
    proposals: {
      ike: { where: main.where('DHGroup'), value: [`aes256-sha1-${group}`, `aes128-sha1-${group}`] },
      esp: { where: '[main]', value: ['aes256-sha1', 'aes128-sha1'] },
    },
    traffic:
      routes.length === 0 ? undefined : { remote: networksIn(routes, main.where('X-NM-Routes'), problems) },
    livenessSeconds: main.integer('PeerTimeout', 0, 3600),
  }
}

/** In clear, or hidden so that anybody can read it. */
function password(main: KeyedValues, key: string, problems: ProblemList): Uint8Array | undefined {
  const clear = main.raw(key)
  const hidden = main.text(`enc_${key}`)
  if (clear !== undefined) return new TextEncoder().encode(clear)
  if (hidden === undefined) return undefined
  const found = decryptPcfPassword(hidden)
  problems.add(
    found === undefined ? 'warning' : 'note',
    main.where(`enc_${key}`),
    found === undefined
      ? 'The hidden password is damaged'
      : 'The password is hidden, not encrypted: anybody with the file can read it',
    found === undefined ? 'It is asked for. Ask for the file again.' : 'Do not pass the file on.',
  )
  return found
}

/** AuthType 1: group password; 3: certificate; 5: hybrid. */
function readProofs(
  main: KeyedValues,
  input: ImportInput,
  problems: ProblemList,
): { readonly proof: LocalProof | undefined; readonly remote: RemoteProof; readonly hybrid: boolean } {
  const type = main.text('AuthType') ?? '1'
  if (type === '3') {
    const key = onlyContainer(input.files)
    if (key === undefined) {
      problems.add(
        'error',
        main.where('CertStore'),
        "Your certificate and key lie in a store of the other program's",
        'Export them there as PKCS#12 and import a folder with that file and this one.',
      )
    }
    return {
      proof: key === undefined ? undefined : { kind: 'certificate', certificates: [], key },
      remote: { kind: 'certificate', authorities: [] },
      hybrid: false,
    }
  }
  const secret = password(main, 'GroupPwd', problems)
  const hybrid = type === '5'
  return {
    proof: { kind: 'psk', secret },
    remote: hybrid ? { kind: 'certificate', authorities: [] } : { kind: 'psk', secret: secret?.slice() },
    hybrid,
  }
}

function tellBackup(main: KeyedValues, problems: ProblemList): void {
  const servers = main.list('BackupServer', /[,\s]+/)
  if (main.flag('EnableBackup') !== true || servers.length === 0) return
  problems.add(
    'warning',
    main.where('BackupServer'),
    `Other gateways are not tried by themselves: ${servers.slice(0, 8).join(', ').slice(0, 200)}`,
    'Import the file again with one of them as Host if you need it.',
  )
}

const ours = (problem: string): Unfollowed => ['note', problem, 'Nothing to do.']
const script: Unfollowed = [
  'warning',
  'Culvert starts no programs for a profile',
  'Start it yourself if you need it.',
]

const unfollowed: Readonly<Record<string, Unfollowed>> = {
  ...Object.fromEntries(
    [
      ...['SaveUserPassword', 'UserName', 'enc_UserName', 'ISPConnectType', 'ISPConnect', 'ISPPhonebook'],
      ...[
        'CertName',
        'CertPath',
        'CertSubjectName',
        'CertSerialHash',
        'SendCertChain',
        'VerifyCertDN',
        'CertStore',
      ],
      ...[
        'EnableNat',
        'TcpTunnelingPort',
        'ForceKeepAlives',
        'UseLegacyIKEPort',
        'EnableMSLogon',
        'MSLogonType',
      ],
      ...['EnableSplitDNS', 'ForceNetLogin', 'X-NM-Use-NAT-T', 'X-NM-Force-NAT-T', 'X-NM-SaveGroupPassword'],
      ...['EnableBackup', 'BackupServer', 'RadiusSDI', 'SDIUseHardwareToken', 'SuppressMacSniffer'],
    ].map((key) => [key.toLowerCase(), ours('It has no meaning here')]),
  ),
  enablelocallan: ['note', 'Networks that this machine is in are reached directly anyway', 'Nothing to do.'],
  ispcommand: script,
  applicationlauncher: script,
}
