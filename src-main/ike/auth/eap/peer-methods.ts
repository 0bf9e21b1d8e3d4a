/** The methods of the client: their EAP types, what each needs, and how a run of one begins. */
import type { Crypto, Random } from '../../../ports.ts'
import type { InnerEap } from './inner-eap.ts'
import type { EapInnerName, EapMethodName, EapPeerMethod, EapTlsMethodName } from './method.ts'
import { createMschapv2Peer } from './mschapv2-peer.ts'
import { EapType } from './packet.ts'
import { createPeapPeer } from './peap-peer.ts'
import type { AskForCode } from './simple-peers.ts'
import { createGtcPeer, createMd5Peer } from './simple-peers.ts'
import { createTlsPeer } from './tls-peer.ts'
import type { EapTls } from './tls-tunnel.ts'
import { createTtlsPeer } from './ttls-peer.ts'

export type AnyEapMethodName = EapMethodName | EapTlsMethodName

export interface MethodNeeds {
  readonly crypto: Crypto
  readonly random: Random
  readonly username: string
  /** UTF-8; stays the conversation's. Empty where no method takes one. */
  readonly password: Uint8Array
  readonly askForCode: AskForCode | undefined
  /** Absent: no method within TLS can be run. */
  readonly tls: EapTls | undefined
  /** What is within EAP-TTLS or PEAP. */
  readonly inner: EapInnerName
  /** An EAP conversation within TLS. */
  readonly innerEap: () => InnerEap
}

export interface MethodRow {
  readonly name: AnyEapMethodName
  readonly type: number
  /** Proves the server before the user is shown, and gives a key: what RFC 5998 section 4 asks of a method that stands alone. */
  readonly provesServer: boolean
  readonly create: (needs: MethodNeeds) => EapPeerMethod
}

const tlsOf = ({ tls }: MethodNeeds): EapTls => {
  if (tls === undefined) throw new Error('a method within TLS is allowed and there is no TLS')
  return tls
}

export const peerMethods: readonly MethodRow[] = [
  { name: 'tls', type: EapType.TLS, provesServer: true, create: (needs) => createTlsPeer(tlsOf(needs)) },
  {
    name: 'ttls',
    type: EapType.TTLS,
    provesServer: true,
    create: (needs) => createTtlsPeer({ ...needs, tls: tlsOf(needs) }),
  },
  {
    name: 'peap',
    type: EapType.PEAP,
    provesServer: true,
    create: (needs) => createPeapPeer(tlsOf(needs), needs.innerEap),
  },
  {
    name: 'mschapv2',
    type: EapType.MSCHAPV2,
    // The server proves that it knows a password, by a proof that can be broken; RFC 5998 section 4 is not for it.
    provesServer: false,
    create: ({ crypto, random, username, password }) =>
      createMschapv2Peer(crypto, random, username, password),
  },
  {
    name: 'gtc',
    type: EapType.GTC,
    provesServer: false,
    create: ({ password, askForCode }) => createGtcPeer(password, askForCode),
  },
  {
    name: 'md5',
    type: EapType.MD5,
    provesServer: false,
    create: ({ crypto, username, password }) => createMd5Peer(crypto, username, password),
  },
]

const methodNames: ReadonlyMap<number, string> = new Map([
  [18, 'EAP-SIM'],
  [23, 'EAP-AKA'],
  ...peerMethods.map(({ type, name }) => [type, name] as const),
  [EapType.TLS, 'EAP-TLS'],
  [EapType.TTLS, 'EAP-TTLS'],
  [EapType.PEAP, 'PEAP'],
])

/** For people. */
export const methodNameOf = (type: number): string => methodNames.get(type) ?? `EAP type ${type}`
