/** The gateway described in other programs' files: each, as it is, leads to a working tunnel. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { psk, sharedSecret, userName, userPassword } from '../lab/defaults.ts'
import { addresses } from '../lab/network.ts'
import type { CertificateName, Pki } from '../lab/pki.ts'
import { gatewayName } from '../lab/programs.ts'
import type { Credential, GatewaySide, ImportedFiles, Outcome, Scenario } from '../lab/scenario.ts'

const gatewayAddress = addresses.gateway.ipv4
const certificate = (name: CertificateName) => ({ method: 'certificate', certificate: name }) as const
const user: Credential = { method: 'eap', eap: 'mschapv2', username: userName, password: userPassword }
const eap: Partial<GatewaySide> = { proves: certificate('gateway-ecdsa-p256'), asks: user }
const certificates: Partial<GatewaySide> = {
  proves: certificate('gateway-ecdsa-p256'),
  asks: certificate('user-ecdsa-p256'),
}
/** Formats that have no word for the gateway's identity mean its address. */
const byAddress = { identity: gatewayAddress }

function imported(
  name: string,
  files: (pki: Pki) => Promise<ImportedFiles>,
  gateway: Partial<GatewaySide> = {},
  outcome: Outcome = { kind: 'connected' },
  profile: Readonly<Record<string, unknown>> = {},
): Scenario {
  return {
    name: `import: ${name}`,
    gateway,
    client: { files, profile },
    outcome,
    notWithStrongswan: 'it reads no profiles of other programs',
  }
}

const one = (name: string, text: string): ((pki: Pki) => Promise<ImportedFiles>) => {
  return () => Promise.resolve({ main: name, files: { [name]: text } })
}
const der = (pem: string): string => pem.replace(/-----[^-]+-----|\s/g, '')

/** PKCS#12 of a user's certificate and key under a password, as OpenSSL writes it. */
const container = async (pki: Pki, name: CertificateName, password: string): Promise<string> => {
  const { pem, keyPem } = await pki.get(name)
  const folder = mkdtempSync(join(tmpdir(), 'culvert-p12-'))
  try {
    writeFileSync(join(folder, 'own.pem'), pem + keyPem, { mode: 0o600 })
    const argv = ['pkcs12', '-export', '-in', 'own.pem', '-out', 'own.p12', '-passout', `pass:${password}`]
    execFileSync('openssl', argv, { cwd: folder })
    return readFileSync(join(folder, 'own.p12')).toString('base64')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// ---------------------------------------------------------------- Apple

const plist = (payloads: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadType</key><string>Configuration</string><key>PayloadVersion</key><integer>1</integer>
<key>PayloadUUID</key><string>0B0B6C6C-55D1-4E5C-8A44-76F5DBD4D6A4</string>
<key>PayloadContent</key><array>${payloads}</array>
</dict></plist>`
const strings = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([key, value]) => `<key>${key}</key><string>${value}</string>`)
    .join('')
const vpn = (type: string, inner: string): string =>
  `<dict>${strings({ PayloadType: 'com.apple.vpn.managed', PayloadUUID: '9A1F2C33-2F3F-4D6A-A9B1-1C6B3F0B9A55', UserDefinedName: 'Lab', VPNType: type })}<key>${type}</key><dict>${inner}</dict></dict>`
const payload = (type: string, uuid: string, base64: string, more = ''): string =>
  `<dict>${strings({ PayloadType: type, PayloadUUID: uuid })}<key>PayloadContent</key><data>${base64}</data>${more}</dict>`
const rootPayload = async (pki: Pki): Promise<string> =>
  payload('com.apple.security.root', '3D9C2C1C-9B5F-4B39-9B8A-6A7F0D8E0C11', der((await pki.get('root')).pem))
const toGateway = strings({ RemoteAddress: gatewayAddress, RemoteIdentifier: gatewayName })
const appleSuites = ['IKE', 'Child']
  .map(
    (which) =>
      `<key>${which}SecurityAssociationParameters</key><dict>${strings({ EncryptionAlgorithm: 'AES-256-GCM', IntegrityAlgorithm: 'SHA2-384' })}<key>DiffieHellmanGroup</key><integer>31</integer></dict>`,
  )
  .join('')

const apple: readonly Scenario[] = [
  imported(
    'mobileconfig with EAP',
    async (pki) => {
      const login = `<key>ExtendedAuthEnabled</key><true/>${strings({ AuthenticationMethod: 'None', AuthName: userName, AuthPassword: userPassword })}`
      const text = plist(vpn('IKEv2', toGateway + login + appleSuites) + (await rootPayload(pki)))
      return { main: 'lab.mobileconfig', files: { 'lab.mobileconfig': text } }
    },
    eap,
  ),
  imported(
    'mobileconfig with PKCS#12',
    async (pki) => {
      const uuid = '7DD3C1F4-5B4F-4F0C-A3A9-4F0A1E6F7A10'
      const own = payload(
        'com.apple.security.pkcs12',
        uuid,
        await container(pki, 'user-ecdsa-p256', 'geheim'),
        strings({ Password: 'geheim' }),
      )
      const login = strings({ AuthenticationMethod: 'Certificate', PayloadCertificateUUID: uuid })
      const text = plist(vpn('IKEv2', toGateway + login + appleSuites) + own + (await rootPayload(pki)))
      return { main: 'lab.mobileconfig', files: { 'lab.mobileconfig': text } }
    },
    certificates,
  ),
]

// ---------------------------------------------------------------- strongSwan, Libreswan, NetworkManager

const networks = [addresses.officeNetwork.ipv4, addresses.officeNetwork.ipv6].join(',')

const linux: readonly Scenario[] = [
  imported(
    'sswan',
    async (pki) => {
      const file = {
        uuid: '6f1b2c3d-0000-4000-8000-000000000001',
        name: 'Lab',
        type: 'ikev2-eap',
        remote: { addr: gatewayAddress, id: gatewayName, cert: der((await pki.get('root')).pem) },
        local: { eap_id: userName, shared_secret: userPassword },
        'ike-proposal': 'aes256gcm16-prfsha384-x25519',
      }
      return { main: 'lab.sswan', files: { 'lab.sswan': JSON.stringify(file) } }
    },
    eap,
  ),
  imported('swanctl.conf', async () => {
    const text = `connections { lab { version = 2
    remote_addrs = ${gatewayAddress}
    proposals = aes256gcm16-prfsha384-x25519
    vips = 0.0.0.0, ::
    local { auth = psk
      id = ${userName} }
    remote { auth = psk
      id = ${gatewayName} }
    children { office { esp_proposals = aes256gcm16
        remote_ts = ${networks} } } } }
secrets { ike { secret = "${sharedSecret}" } }
`
    return Promise.resolve({ main: 'swanctl.conf', files: { 'swanctl.conf': text } })
  }),
  imported('ipsec.conf of strongSwan', () => {
    const conf = `conn %default
	keyexchange=ikev2
	ike=aes256gcm16-prfsha384-x25519!
	esp=aes256gcm16!
conn lab
	left=%defaultroute
	leftid=${userName}
	leftauth=psk
	leftsourceip=%config4,%config6
	right=${gatewayAddress}
	rightid=@${gatewayName}
	rightauth=psk
	rightsubnet=${networks}
	auto=add
`
    const secrets = `${userName} @${gatewayName} : PSK "${sharedSecret}"\n`
    return Promise.resolve({ main: 'ipsec.conf', files: { 'ipsec.conf': conf, 'ipsec.secrets': secrets } })
  }),
  imported(
    'ipsec.conf of strongSwan with certificates',
    async (pki) => {
      const own = await pki.get('user-ecdsa-p256')
      const conf = `ca lab
	cacert=ca.pem
conn lab
	leftcert=own.pem
	leftid=${own.commonName}
	leftsourceip=%config4,%config6
	right=${gatewayAddress}
	rightid=@${gatewayName}
	rightsubnet=${networks}
	ike=aes256gcm16-prfsha384-x25519
	esp=aes256gcm16
`
      return {
        main: 'ipsec.conf',
        files: {
          'ipsec.conf': conf,
          'ipsec.secrets': ': ECDSA own.key\n',
          'ipsec.d/cacerts/ca.pem': (await pki.get('root')).pem,
          'ipsec.d/certs/own.pem': own.pem,
          'ipsec.d/private/own.key': own.keyPem,
        },
      }
    },
    certificates,
  ),
  imported(
    'ipsec.conf of Libreswan',
    () => {
      const conf = `conn lab
    left=%defaultroute
    leftid=${userName}
    leftmodecfgclient=yes
    right=${gatewayAddress}
    rightid=@${gatewayName}
    rightsubnet=0.0.0.0/0
    authby=secret
    ikev2=insist
    ike=aes_gcm256-sha2_384;dh31
    esp=aes_gcm256
    auto=start
`
      const secrets = `: PSK "${sharedSecret}"\n`
      return Promise.resolve({ main: 'lab.conf', files: { 'lab.conf': conf, 'lab.secrets': secrets } })
    },
    {},
    { kind: 'connected', families: ['ipv4'] },
  ),
  imported(
    'nmconnection with EAP',
    async (pki) => {
      const text = `[connection]
id=Lab
uuid=4d3b1c22-8f06-4a6c-9b19-0f2c8c1f3a77
type=vpn

[vpn]
address=${gatewayAddress}
certificate=/home/maria/lab-ca.pem
method=eap
user=${userName}
remote-identity=${gatewayName}
virtual=yes
proposal=yes
ike=aes256gcm16-prfsha384-x25519
esp=aes256gcm16
service-type=org.freedesktop.NetworkManager.strongswan

[vpn-secrets]
password=${userPassword}
`
      return {
        main: 'lab.nmconnection',
        files: { 'lab.nmconnection': text, 'lab-ca.pem': (await pki.get('root')).pem },
      }
    },
    eap,
  ),
]

// ---------------------------------------------------------------- FortiClient and IKEv1

const v1: Outcome = { kind: 'connected', families: ['ipv4'] }
/** What the runner expects of it: the files themselves say so to Culvert. */
const version1 = { ikeVersion: 1 }
const classic: Partial<GatewaySide> = {
  ...byAddress,
  ike: ['aes256-sha1-modp2048'],
  esp: ['aes256-sha1'],
  pools: ['ipv4'],
  // IKEv1 does not narrow, and these files ask for everything.
  networks: ['0.0.0.0/0'],
}
const aggressive = { i_dont_care_about_security_and_use_aggressive_mode_psk: true }
/** The group's key first, then the user. */
const groupAndUser: Partial<GatewaySide> = {
  ...classic,
  proves: psk,
  asks: user,
  charon: aggressive,
  connection: {
    version: 1,
    aggressive: true,
    remote: { auth: 'psk', id: '%any' },
    'remote-user': { auth: 'xauth' },
  },
}

const others: readonly Scenario[] = [
  imported(
    'FortiClient',
    one(
      'forticlient.xml',
      `<?xml version="1.0" encoding="utf-8"?>
<forticlient_configuration><vpn><ipsecvpn><connections><connection>
  <name>Lab</name>
  <ike_settings><version>2</version><server>${gatewayAddress}</server>
    <authentication_method>Preshared Key</authentication_method>
    <auth_data><preshared_key>${sharedSecret}</preshared_key></auth_data>
    <dhgroup>14;</dhgroup><localid>${userName}</localid>
    <proposals><proposal>AES256|SHA256</proposal></proposals></ike_settings>
  <ipsec_settings><remote_networks>
    <network><addr>${addresses.officeNetwork.ipv4.split('/')[0] ?? ''}</addr><mask>255.255.255.0</mask></network>
    </remote_networks><pfs>0</pfs>
    <proposals><proposal>AES256|SHA256</proposal></proposals></ipsec_settings>
</connection></connections></ipsecvpn></vpn></forticlient_configuration>`,
    ),
    { ...byAddress, ike: ['aes256-sha256-modp2048'], esp: ['aes256-sha256'] },
    { kind: 'connected', families: ['ipv4'] },
  ),
  imported(
    'pcf',
    one(
      'lab.pcf',
      `[main]\r\nDescription=Lab\r\nHost=${gatewayAddress}\r\nAuthType=1\r\nGroupName=staff\r\nGroupPwd=${sharedSecret}\r\nUsername=${userName}\r\nUserPassword=${userPassword}\r\nDHGroup=14\r\nTunnelingMode=0\r\n`,
    ),
    groupAndUser,
    v1,
    version1,
  ),
  imported(
    'Shrew',
    one(
      'lab.vpn',
      [
        ...[
          'n:version:4',
          `s:network-host:${gatewayAddress}`,
          's:client-auto-mode:pull',
          's:auth-method:mutual-psk',
        ],
        ...['s:ident-client-type:ufqdn', `s:ident-client-data:${userName}`, 's:ident-server-type:any'],
        ...[`b:auth-mutual-psk:${Buffer.from(sharedSecret).toString('base64')}`, 's:phase1-exchange:main'],
        ...['s:phase1-cipher:aes', 'n:phase1-keylen:256', 's:phase1-hash:sha1', 'n:phase1-dhgroup:14'],
        ...[
          's:phase2-transform:esp-aes',
          'n:phase2-keylen:256',
          's:phase2-hmac:sha1',
          'n:phase2-pfsgroup:-1',
        ],
      ]
        .map((line) => `${line}\r\n`)
        .join(''),
    ),
    { ...classic, connection: { version: 1 } },
    v1,
    version1,
  ),
  imported(
    'nmconnection of vpnc',
    one(
      'lab.nmconnection',
      `[connection]\nid=Lab\ntype=vpn\n[vpn]\nIPSec gateway=${gatewayAddress}\nIPSec ID=staff\nXauth username=${userName}\nIKE DH Group=dh14\nservice-type=org.freedesktop.NetworkManager.vpnc\n[vpn-secrets]\nIPSec secret=${sharedSecret}\nXauth password=${userPassword}\n`,
    ),
    groupAndUser,
    v1,
    version1,
  ),
  imported(
    'mobileconfig of the kind IPSec',
    one(
      'lab.mobileconfig',
      plist(
        vpn(
          'IPSec',
          `${strings({ RemoteAddress: gatewayAddress, AuthenticationMethod: 'SharedSecret', LocalIdentifier: 'staff', XAuthName: userName, XAuthPassword: userPassword })}<key>XAuthEnabled</key><integer>1</integer><key>SharedSecret</key><data>${Buffer.from(sharedSecret).toString('base64')}</data>`,
        ),
      ),
    ),
    { ...groupAndUser, ike: ['aes256-sha256-modp2048'], esp: ['aes256-sha256'] },
    v1,
    version1,
  ),
]

export const imports: readonly Scenario[] = [...apple, ...linux, ...others]
