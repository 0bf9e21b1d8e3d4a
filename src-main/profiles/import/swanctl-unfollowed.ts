/** What is said of swanctl.conf's keys that Culvert knows and does not follow (src/swanctl/swanctl.opt names them all). */
import type { Unfollowed } from './swanctl-section.ts'

const ours = (problem: string): Unfollowed => ['note', problem, 'Nothing to do.']
const missing = (problem: string, advice: string): Unfollowed => ['warning', problem, advice]

const marks = missing(
  'Kernel marks and interface IDs have no meaning for a userspace tunnel',
  'They are ignored.',
)
const mediation = missing('Mediation is not supported', 'The gateway must be reachable directly.')

export const unfollowedInConnection: Readonly<Record<string, Unfollowed>> = {
  local_addrs: ours('Culvert takes the address that leads to the gateway'),
  local_port: ours('Culvert takes a free port'),
  dpd_timeout: ours('It has no meaning with IKEv2'),
  mobike: ours('Culvert reconnects by itself when the network changes'),
  send_certreq: ours('Culvert asks for certificates of the authorities it trusts'),
  send_cert: ours('Culvert sends its certificate when it is used'),
  keyingtries: ours('The profile says "reconnect" for that'),
  unique: ours('It is for gateways'),
  reauth_time: ours('Culvert reauthenticates when the gateway asks for it'),
  over_time: ours('Culvert chooses the margins of its rekeying'),
  rand_time: ours('Culvert chooses the margins of its rekeying'),
  pull: ours('It has no meaning with IKEv2'),
  aggressive: ours('It has no meaning with IKEv2'),
  pools: missing('Pools are for gateways', 'Culvert is the client here; it asks for an address with vips.'),
  dscp: missing('A DSCP mark for IKE is not supported', 'It is ignored.'),
  ocsp: missing(
    'OCSP within IKE (RFC 4806) is not supported',
    'The responder that the certificate names is asked.',
  ),
  childless: missing('Childless initiation is not supported', 'The usual way is taken.'),
  ppk_id: missing(
    'Post-quantum pre-shared keys are not supported',
    'The connection is made without one if the gateway permits it.',
  ),
  mediation,
  mediated_by: mediation,
  mediation_peer: mediation,
  if_id_in: marks,
  if_id_out: marks,
}

export const unfollowedInLocal: Readonly<Record<string, Unfollowed>> = {
  round: ours('There is one round'),
  pubkeys: missing('Raw public keys are not supported', 'Use a certificate.'),
  xauth_id: missing('XAUTH belongs to IKEv1', 'It is ignored.'),
}

export const unfollowedInRemote: Readonly<Record<string, Unfollowed>> = {
  round: ours('There is one round'),
  groups: missing('Group membership of the gateway is not checked', 'It is ignored.'),
  cert_policy: missing('Certificate policies are not checked', 'It is ignored.'),
  ca_id: missing('The authority is not checked by its name', 'Name its certificate with cacerts instead.'),
  eap_id: ours('It is for gateways'),
}

export const unfollowedInChild: Readonly<Record<string, Unfollowed>> = {
  updown: missing(
    'Culvert never runs scripts from a profile',
    'What the script did must be done another way. Ask the administrator what it is for.',
  ),
  hostaccess: ours('It is for updown scripts'),
  start_action: ours('`culvert up` starts the connection'),
  dpd_action: ours('The profile says "reconnect" for that'),
  close_action: ours('The profile says "reconnect" for that'),
  life_time: ours('Culvert chooses the margins of its rekeying'),
  life_bytes: ours('Culvert chooses the margins of its rekeying'),
  life_packets: ours('Culvert chooses the margins of its rekeying'),
  rand_time: ours('Culvert chooses the margins of its rekeying'),
  rand_bytes: ours('Culvert chooses the margins of its rekeying'),
  rand_packets: ours('Culvert chooses the margins of its rekeying'),
  policies: missing('Culvert always holds traffic against its policies', 'It is ignored.'),
  policies_fwd_out: ours('It is for the kernel'),
  ipcomp: missing('Compression is not supported', 'The connection is made without it.'),
  inactivity: missing('Ending idle connections is not supported', 'It is ignored.'),
  tfc_padding: missing('Padding against traffic analysis is not supported', 'It is ignored.'),
  sha256_96: missing(
    'The truncated SHA-256 of old kernels is not supported',
    'A gateway that insists on it refuses all traffic.',
  ),
  copy_df: ours('Culvert handles it as RFC 4301 section 8.1 says'),
  copy_ecn: ours('Culvert copies it'),
  copy_dscp: ours('Culvert copies it outward'),
  icmp: ours('Culvert handles it'),
  hw_offload: ours('It has no meaning for a userspace tunnel'),
  per_cpu_sas: ours('It has no meaning for a userspace tunnel'),
  reqid: ours('It has no meaning for a userspace tunnel'),
  priority: ours('It has no meaning for a userspace tunnel'),
  interface: ours('It has no meaning for a userspace tunnel'),
  label: missing('Security labels are not supported', 'They are ignored.'),
  label_mode: missing('Security labels are not supported', 'They are ignored.'),
  mark_in: marks,
  mark_out: marks,
  mark_in_sa: marks,
  set_mark_in: marks,
  set_mark_out: marks,
  if_id_in: marks,
  if_id_out: marks,
}

export const unfollowedInAuthority: Readonly<Record<string, Unfollowed>> = {
  crl_uris: missing('Only the places that certificates name are asked about revocation', 'It is ignored.'),
  ocsp_uris: missing('Only the places that certificates name are asked about revocation', 'It is ignored.'),
  cert_uri_base: ours('Culvert does not fetch certificates by hash'),
}
