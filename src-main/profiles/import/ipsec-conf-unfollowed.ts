/** What is said of ipsec.conf's keywords that Culvert knows and does not follow. Keys in lower case, without `left` and `right`. */
import type { Unfollowed } from './swanctl-section.ts'

const ours = (problem: string): Unfollowed => ['note', problem, 'Nothing to do.']
const missing = (problem: string, advice: string): Unfollowed => ['warning', problem, advice]
const kernel = ours('It has no meaning for a userspace tunnel')
const script = missing(
  'Culvert never runs scripts from a profile',
  'What the script did must be done another way. Ask the administrator what it is for.',
)

/** Keywords of the connection. */
const general: Readonly<Record<string, Unfollowed>> = {
  auto: ours('`culvert up` starts the connection'),
  mobike: ours('Culvert reconnects by itself when the network changes'),
  keyingtries: ours('The profile says "reconnect" for that'),
  rekey: ours('Keys are always renewed'),
  reauth: ours('Culvert reauthenticates when the gateway asks for it'),
  margintime: ours('Culvert chooses the margins of its rekeying'),
  rekeymargin: ours('Culvert chooses the margins of its rekeying'),
  rekeyfuzz: ours('Culvert chooses the margins of its rekeying'),
  marginbytes: ours('Culvert chooses the margins of its rekeying'),
  marginpackets: ours('Culvert chooses the margins of its rekeying'),
  lifebytes: ours('Culvert renews keys in time by itself'),
  lifepackets: ours('Culvert renews keys in time by itself'),
  dpdaction: ours('The profile says "reconnect" for that'),
  dpdtimeout: ours('It has no meaning with IKEv2'),
  closeaction: ours('The profile says "reconnect" for that'),
  inactivity: missing('Ending idle connections is not supported', 'It is ignored.'),
  uniqueids: ours('It is for gateways'),
  modeconfig: ours('It has no meaning with IKEv2'),
  compress: missing('Compression is not supported', 'The connection is made without it.'),
  tfc: missing('Padding against traffic analysis is not supported', 'It is ignored.'),
  ppk: missing(
    'Post-quantum pre-shared keys are not supported',
    'The connection is made without one if the gateway permits it.',
  ),
  'ppk-ids': missing(
    'Post-quantum pre-shared keys are not supported',
    'The connection is made without one if the gateway permits it.',
  ),
  intermediate: missing(
    'Additional key exchanges (RFC 9370) are not supported',
    'The connection is made without them if the gateway permits it.',
  ),
  'enable-tcp': missing('IKE and ESP over TCP are not supported', 'The connection is made over UDP.'),
  'tcp-remoteport': missing('IKE and ESP over TCP are not supported', 'The connection is made over UDP.'),
  'sha2-truncbug': missing(
    'The truncated SHA-256 of old kernels is not supported',
    'A gateway that insists on it refuses all traffic.',
  ),
  sha2_truncbug: missing(
    'The truncated SHA-256 of old kernels is not supported',
    'A gateway that insists on it refuses all traffic.',
  ),
  'sec-label': missing('Security labels are not supported', 'They are ignored.'),
  narrowing: ours('The gateway may always narrow'),
  'ms-dh-downgrade': ours('Culvert offers what the profile names, and nothing else'),
  'dns-match-id': ours('The certificate must name the gateway'),
  'ignore-peer-dns': ours('Set DNS servers in the profile to use those instead'),
  iptfs: missing(
    'Aggregation and fragmentation of ESP (RFC 9347) is not supported',
    'The connection is made without it.',
  ),
  dpd: ours('Culvert asks for signs of life itself'),
  'send-redirect': ours('It is for gateways'),
  'accept-redirect': ours('Culvert follows no redirects'),
  'initial-contact': ours('Culvert says it itself'),
  initial_contact: ours('Culvert says it itself'),
  'send-vendorid': ours('It has no consequence'),
  'send-no-esp-tfc': ours('It has no consequence'),
  esn: ours('The proposals say whether numbers are extended'),
  installpolicy: kernel,
  mark: kernel,
  mark_in: kernel,
  mark_out: kernel,
  'mark-in': kernel,
  'mark-out': kernel,
  reqid: kernel,
  priority: kernel,
  'vti-interface': kernel,
  'vti-routing': kernel,
  'vti-shared': kernel,
  'ipsec-interface': kernel,
  'nic-offload': kernel,
  hw_offload: kernel,
  hidetos: kernel,
  overlapip: kernel,
  failureshunt: missing(
    'Blocking traffic while there is no tunnel is not part of a profile',
    'It is ignored.',
  ),
  negotiationshunt: missing(
    'Blocking traffic while there is no tunnel is not part of a profile',
    'It is ignored.',
  ),
  hostaddrfamily: ours('Culvert takes the family of the address'),
  clientaddrfamily: ours('Culvert takes the family of the networks'),
  connaddrfamily: ours('Culvert takes the family of the address'),
  'remote-peer-type': ours('It has no meaning with IKEv2'),
  'cisco-unity': ours('It has no meaning with IKEv2'),
  'cisco-split': ours('It has no meaning with IKEv2'),
  modecfgpull: ours('It has no meaning with IKEv2'),
  nm_configured: ours('It is for another program'),
  'nm-configured': ours('It is for another program'),
  xauth: ours('XAUTH belongs to IKEv1'),
  rightcert2: missing('Several rounds of authentication are not supported', 'One round is made.'),
}

/** Keywords of one end. */
const ofAnEnd: Readonly<Record<string, Unfollowed>> = {
  updown: script,
  firewall: script,
  hostaccess: script,
  nexthop: ours('Culvert takes the way that leads to the gateway'),
  ikeport: ours('Culvert takes a free port'),
  sendcert: ours('Culvert sends its certificate when it is used'),
  groups: missing('Group membership is not checked', 'It is ignored.'),
  certpolicy: missing('Certificate policies are not checked', 'It is ignored.'),
  protoport: missing(
    'The limit to a protocol and a port is not supported',
    'The whole network is asked for; the gateway may narrow it.',
  ),
  allowany: ours('It is for gateways'),
  dns: missing('These DNS servers are not taken', 'Name them in the profile if you need them.'),
  ca: missing('The authority is not checked by its name', 'Its certificate is what counts.'),
  rsasigkey: ours('The key comes from the certificate'),
  modecfgserver: ours('It is for gateways'),
  modecfgclient: ours('It has no meaning with IKEv2'),
  xauthserver: ours('It is for gateways'),
  xauthclient: ours('XAUTH belongs to IKEv1'),
  addresspool: ours('It is for gateways'),
  'subnet-ignored': ours('It is for gateways'),
  vti: kernel,
}

export const unfollowedInConn: Readonly<Record<string, Unfollowed>> = {
  ...general,
  ...Object.fromEntries(
    Object.entries(ofAnEnd).flatMap(([key, told]) => [
      [`left${key}`, told],
      [`right${key}`, told],
    ]),
  ),
}
