/** Parsers of what a person is handed by somebody else: profiles of every format, and what other processes say on the socket. */
import { PassThrough } from 'node:stream'
import * as v from 'valibot'
import { argumentSchemas } from '../../src-main/app/command-schemas.ts'
import { sliceSchemas } from '../../src-main/app/contract-schemas.ts'
import { readJsonLines } from '../../src-main/app/json-lines.ts'
import { certificatesInFile, keyStanding } from '../../src-main/profiles/import/certificates.ts'
import { readFileSync } from 'node:fs'
import { plistFromBinary } from '../../src-main/profiles/import/binary-plist.ts'
import { parseDeepLink } from '../../src-main/profiles/import/deep-link.ts'
import { parseIpsecSecrets } from '../../src-main/profiles/import/ipsec-secrets.ts'
import { readSignedData } from '../../src-main/pki/pkcs7.ts'
import { fixture } from '../profiles/fixture.ts'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import { problemList } from '../../src-main/profiles/import/importer.ts'
import { parseNetwork } from '../../src-main/profiles/import/networks.ts'
import { parseSettings } from '../../src-main/profiles/import/settings.ts'
import { checkProfile, decodeText } from '../../src-main/profiles/parse.ts'
import { connectedDetails } from '../app/fake-engine.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'
import type { Target } from './targets.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const swanctl = `connections { office : base { remote_addrs = vpn.example.org
    proposals = aes256-sha256-modp2048, default
    local { auth = eap-mschapv2
      eap_id = "maria" }
    remote { auth = pubkey
      id = @#0a0b }
    children { net { remote_ts = 10.0.0.0/8[tcp/80], fd00::/8
        rekey_time = 1h } } } }
base { version = 2 # a comment
  vips = 0.0.0.0,:: }
secrets { eap-1 { id = maria
    secret = 0x00ff } }
include other.conf
`
const psk = `connections { p { remote_addrs = 10.0.0.1
  local { auth = psk }
  remote { auth = psk }
  children { c { } } } }
secrets { ike { secret = "x" } }`
const sswan = {
  uuid: 'b0d4e2a6-1111-4222-8333-444455556666',
  name: 'Office',
  type: 'ikev2-eap',
  remote: { addr: 'vpn.example.org', port: 500 },
  local: { eap_id: 'maria', shared_secret: 'x' },
  'ike-proposal': 'aes256gcm16-prfsha384-ecp384',
  'split-tunneling': { subnets: '10.0.0.0/8 10.0.0.1-10.0.0.9' },
  mtu: '1400',
}

const imports: readonly Uint8Array[] = [
  swanctl,
  psk,
  JSON.stringify(sswan),
  JSON.stringify(sampleProfile()),
].map(utf8)

/** Other programs' profiles as they write them (test/profiles/fixtures). */
const foreign: Readonly<Record<string, readonly string[]>> = {
  'property lists': ['cisco-ipsec.mobileconfig', 'eap-binary.mobileconfig'],
  'NetworkManager’s keyfiles': [
    'libreswan-ikev2.nmconnection',
    'vpnc.nmconnection',
    'libreswan-xauth.nmconnection',
  ],
  'ipsec.conf': ['libreswan.conf', 'libreswan-xauth.conf'],
  'Cisco’s and Shrew’s profiles': ['cisco.pcf', 'shrew.vpn'],
  'Windows’ profiles': ['rasphone.pbk', 'profile-user.xml'],
  'FortiClient’s configurations': ['forticlient.xml'],
}

/** `openssl cms -sign -nodetach` of one line with a P-256 key. */
const signedMessage = new Uint8Array(readFileSync(new URL('../vectors/cms-signed.der', import.meta.url)))

const beside = new Map([['ipsec.secrets', utf8(': PSK "x"\nmaria : XAUTH "y"\n')]])

/** Every profile that comes of an import is one that can be stored, and each of its secrets belongs to it. */
function imported(input: Uint8Array): boolean {
  const { profiles, secrets, problems } = importProfile({
    name: 'x',
    bytes: input,
    files: beside,
    username: 'maria',
  })
  for (const profile of profiles) {
    if (!checkProfile(JSON.parse(JSON.stringify(profile))).ok)
      throw new Error('a profile that cannot be stored')
  }
  const ids = new Set(profiles.map(({ id }) => id))
  if (secrets.some(({ profileId }) => !ids.has(profileId))) throw new Error('a secret of no profile')
  if (profiles.length === 0 && problems.length === 0)
    throw new Error('nothing came of it, and nobody is told why')
  return profiles.length > 0
}

function lines(input: Uint8Array): boolean {
  const stream = new PassThrough()
  let broken = 0
  let values = 0
  readJsonLines(
    stream,
    200,
    () => values++,
    () => broken++,
  )
  stream.emit('data', Buffer.from(input))
  stream.emit('data', Buffer.from(input))
  if (broken > 1) throw new Error('broken twice')
  return broken === 0 && values > 0
}

function message(input: Uint8Array): boolean {
  const text = decodeText(input)
  if (text === undefined) return false
  try {
    const value: unknown = JSON.parse(text)
    return [...Object.values(argumentSchemas), ...Object.values(sliceSchemas)].some(
      (schema) => v.safeParse(schema, value).success,
    )
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

const status = { profileId: 'x', profileName: 'x', state: { kind: 'connected' }, ...connectedDetails }

export const profileTargets: readonly Target[] = [
  { name: 'import', seeds: imports, share: 0.5, run: imported },
  ...Object.entries(foreign).map(([name, files]) => ({
    name,
    seeds: files.map(fixture),
    share: 0.2,
    run: imported,
  })),
  {
    name: 'binary property lists',
    seeds: [fixture('eap-binary.mobileconfig')],
    share: 0.5,
    run: (input) => plistFromBinary(input).ok,
  },
  {
    name: 'ipsec.secrets',
    seeds: [fixture('strongswan.ipsec.secrets'), fixture('libreswan.secrets')],
    share: 0.5,
    run(input) {
      const problems = problemList()
      parseIpsecSecrets(new TextDecoder().decode(input), 'x', problems)
      return problems.problems.length === 0
    },
  },
  { name: 'signed messages', seeds: [signedMessage], share: 0.5, run: (input) => readSignedData(input).ok },
  {
    name: 'links',
    seeds: ['culvert://import?name=x.json&data=e30', 'culvert:import?data=AAAA'].map(utf8),
    share: 0.5,
    run: (input) => parseDeepLink(new TextDecoder().decode(input)).ok,
  },
  {
    name: "strongSwan's settings",
    seeds: [utf8(swanctl)],
    share: 0.5,
    run(input) {
      const problems = problemList()
      parseSettings(new TextDecoder().decode(input), problems)
      return problems.problems.length === 0 || problems.problems.every(({ level }) => level !== 'error')
    },
  },
  {
    name: 'networks',
    seeds: ['10.0.0.0/8', '10.0.0.1-10.0.0.9', 'fd00::1', '::-ffff::'].map(utf8),
    share: 0.2,
    run: (input) => parseNetwork(new TextDecoder().decode(input)) !== undefined,
  },
  {
    name: 'certificate and key files',
    seeds: [
      utf8('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
      utf8('-----BEGIN ENCRYPTED PRIVATE KEY-----'),
      Uint8Array.of(0x30, 0x82, 1, 0, 2, 1, 3),
      Uint8Array.of(0x30, 0x10, 0x30, 0x0e),
    ],
    share: 0.2,
    run: (input) => certificatesInFile(input).ok || keyStanding(input) !== undefined,
  },
  { name: 'lines on the socket', seeds: [utf8('{"a":1}\n[2]\n'), utf8('{}\n')], share: 0.2, run: lines },
  {
    name: 'messages on the socket',
    seeds: [utf8(JSON.stringify([status])), utf8('{"profileId":"x"}'), utf8('{"id":1,"secret":"x"}')],
    share: 0.3,
    run: message,
  },
]
