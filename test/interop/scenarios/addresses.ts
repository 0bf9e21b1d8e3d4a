import { addresses } from '../lab/network.ts'
import { gatewayName } from '../lab/programs.ts'
import type { Scenario } from '../lab/scenario.ts'

export const addressing: readonly Scenario[] = [
  {
    name: 'virtual ipv4 only',
    gateway: { pools: ['ipv4'] },
    outcome: { kind: 'connected', families: ['ipv4'] },
  },
  {
    name: 'virtual ipv6 only',
    gateway: { pools: ['ipv6'] },
    outcome: { kind: 'connected', families: ['ipv6'] },
  },
  {
    name: 'both asked, only ipv4 given',
    gateway: { pools: ['ipv4'] },
    client: { virtual: { ipv4: true, ipv6: true } },
    outcome: { kind: 'connected', families: ['ipv4'] },
  },
  {
    name: 'behind nat',
    path: { nat: true },
    outcome: { kind: 'connected', gatewayLog: [/remote host is behind NAT/] },
  },
  {
    name: 'forced encapsulation',
    client: { profile: { forceEncapsulation: true }, connection: { encap: true } },
    outcome: { kind: 'connected', gatewayLog: [/remote host is behind NAT/] },
  },
  {
    // RFC 7296 section 2.23: the initiator may begin on port 4500.
    name: 'begins on port 4500',
    client: {
      profile: { gateway: { address: addresses.gateway.ipv4, port: 4500 } },
      connection: { remote_port: 4500, local_port: 4500 },
    },
    outcome: { kind: 'connected' },
  },
  {
    name: 'gateway by name',
    client: { address: gatewayName, profile: { gateway: { address: gatewayName } } },
    outcome: { kind: 'connected' },
  },
  {
    name: 'gateway at an ipv6 address',
    client: { address: addresses.gateway.ipv6 },
    outcome: { kind: 'connected' },
  },
  {
    name: 'narrowed selectors',
    client: { remote: ['10.0.0.0/8', 'fd00:20::/48', '172.16.0.0/12'] },
    outcome: {
      kind: 'connected',
      remoteSelectors: [addresses.officeNetwork.ipv4, addresses.officeNetwork.ipv6],
    },
  },
  {
    name: 'everything asked, the office given',
    client: { remote: ['0.0.0.0/0', '::/0'] },
    outcome: {
      kind: 'connected',
      remoteSelectors: [addresses.officeNetwork.ipv4, addresses.officeNetwork.ipv6],
    },
  },
  {
    // The gateway itself lies in what the tunnel carries; its own datagrams must stay outside.
    name: 'everything through the tunnel, gateway inside the routed range',
    gateway: { networks: ['0.0.0.0/0', '::/0'] },
    outcome: { kind: 'connected', remoteSelectors: ['0.0.0.0/0', '::/0'] },
    steps: ['transfer'],
    notWithStrongswan: 'kernel-libipsec cannot have the peer inside the remote selectors',
  },
]

export const initiation: readonly Scenario[] = [
  {
    name: 'cookie demanded',
    gateway: { charon: { cookie_threshold: 1 } },
    gatewayIsBusy: true,
    outcome: { kind: 'connected', gatewayLog: [/IKE_SA_INIT response 0 \[ N\(COOKIE\) \]/] },
  },
  {
    // RFC 7296 section 1.2: the responder names the group it wants.
    name: 'wrong first group',
    gateway: { ike: ['aes256gcm16-prfsha384-ecp384'] },
    client: { ike: ['aes256gcm16-prfsha384-x25519-ecp256-ecp384'] },
    outcome: {
      kind: 'connected',
      ike: { group: 'ecp384' },
      gatewayLog: [/IKE_SA_INIT response 0 \[ N\(INVAL_KE\) \]/],
    },
  },
  {
    // RFC 7296 section 2.6.1: both in one start.
    name: 'cookie demanded and wrong first group',
    gateway: { ike: ['aes256gcm16-prfsha384-ecp384'], charon: { cookie_threshold: 1 } },
    client: { ike: ['aes256gcm16-prfsha384-x25519-ecp384'] },
    gatewayIsBusy: true,
    outcome: {
      kind: 'connected',
      ike: { group: 'ecp384' },
      gatewayLog: [/\[ N\(COOKIE\) \]/, /\[ N\(INVAL_KE\) \]/],
    },
  },
  {
    name: 'second proposal is the common one',
    gateway: { ike: ['aes128-sha256-modp2048'], esp: ['aes128-sha256'] },
    client: {
      ike: ['aes256gcm16-prfsha384-x25519', 'aes128-sha256-x25519-modp2048'],
      esp: ['aes256gcm16', 'aes128-sha256'],
    },
    outcome: { kind: 'connected', ike: { group: 'modp2048' }, esp: { encryption: 'aes-cbc' } },
  },
  {
    // strongSwan's userspace ESP has no extended numbers; with them Culvert is proven against its own gateway.
    name: 'extended sequence numbers offered and not taken',
    client: { esp: ['aes256gcm16-esn-noesn'] },
    outcome: { kind: 'connected', esp: { extendedSequenceNumbers: false } },
  },
  {
    // Before RFC 7383 there was only IP fragmentation.
    name: 'no fragmentation of ike messages',
    gateway: { connection: { fragmentation: false } },
    client: { profile: { fragmentation: false }, connection: { fragmentation: false } },
    outcome: { kind: 'connected' },
  },
]
