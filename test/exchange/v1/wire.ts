/** Two ends of IKEv1 on a wire in memory, on one fake clock and with seeded random numbers. */
import { createCrypto } from '../../../src-main/host/crypto/node-crypto.ts'
import { readIkeHeader } from '../../../src-main/ike/header.ts'
import { parseIdentity } from '../../../src-main/ike/identity.ts'
import { parseProposal } from '../../../src-main/ike/proposal-text.ts'
import { Exchange, exchangeName } from '../../../src-main/ike/v1/code-points.ts'
import type {
  ExchangePorts,
  IsakmpSa,
  Phase1Configuration,
  ResponderPhase1,
} from '../../../src-main/ike/v1/configuration.ts'
import type { Conversation } from '../../../src-main/ike/v1/conversation.ts'
import type { Message } from '../../../src-main/ike/v1/message.ts'
import type { PayloadOf } from '../../../src-main/ike/v1/payloads.ts'
import { Peer } from '../../../src-main/ike/v1/peer.ts'
import { protectionOf } from '../../../src-main/ike/v1/protection.ts'
import { phase1Proposals, phase1Suites } from '../../../src-main/ike/v1/suites.ts'
import { parseSelector } from '../../../src-main/ip/traffic-selector.ts'
import { ikeSpi } from '../../../src-shared/brands.ts'
import { createFakeClock } from '../../fakes/fake-clock.ts'
import { createFakeRandom } from '../../fakes/fake-random.ts'

export const identity = (text: string) => {
  const parsed = parseIdentity(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}
export const selector = (text: string) => {
  const parsed = parseSelector(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}
export const proposals = (kind: 'ike' | 'esp', ...texts: readonly string[]) =>
  texts.map((text) => {
    const parsed = parseProposal(kind, text)
    if (!parsed.ok) throw new Error(parsed.error)
    return parsed.value
  })

export interface End {
  readonly peer: Peer
  readonly ports: ExchangePorts
  readonly drops: string[]
  readonly heard: { readonly conversation: Conversation; readonly message: Message }[]
}

export interface OnWire {
  readonly from: 'client' | 'gateway'
  readonly bytes: Uint8Array
}

const spis = { initiatorSpi: ikeSpi(0x1122334455667788n), responderSpi: ikeSpi(0x99aabbccddeeff00n) }

export function createWire(change: (sent: OnWire) => readonly Uint8Array[] = ({ bytes }) => [bytes]) {
  const clock = createFakeClock()
  const lines: string[] = []
  const sent: OnWire[] = []
  const ends: Partial<Record<'client' | 'gateway', End>> = {}
  const make = (name: 'client' | 'gateway'): End => {
    const drops: string[] = []
    const heard: { conversation: Conversation; message: Message }[] = []
    const random = createFakeRandom(name)
    const peer = new Peer(
      {
        clock,
        random,
        transmit: (bytes) => {
          const header = readIkeHeader(bytes)
          lines.push(`${name === 'client' ? '→' : '←'} ${exchangeName(header?.exchange ?? 0)}`)
          sent.push({ from: name, bytes })
          // The first is the door's to take.
          if (sent.length === 1) return
          for (const arriving of change({ from: name, bytes })) {
            queueMicrotask(() =>
              ends[name === 'client' ? 'gateway' : 'client']?.peer.receive(arriving.slice()),
            )
          }
        },
        onDrop: (reason) => drops.push(reason),
        onConversation: (conversation, message) => heard.push({ conversation, message }),
      },
      name === 'client' ? { ...spis, responderSpi: ikeSpi(0n) } : spis,
    )
    const end = { peer, ports: { clock, random, crypto: createCrypto(), log: () => undefined }, drops, heard }
    ends[name] = end
    return end
  }
  return { clock, lines, sent, client: make('client'), gateway: make('gateway') }
}

/** The first message as the gateway's door takes it, perhaps changed on its way; undefined when the door does not take it. */
export function tryFirstMessage(
  wire: { readonly sent: readonly OnWire[]; readonly gateway: End },
  mode: 'main' | 'aggressive' = 'main',
  change: (bytes: Uint8Array) => readonly Uint8Array[] = (bytes) => [bytes],
): Message | undefined {
  const first = wire.sent[0]
  const [exchange, shape] =
    mode === 'main' ? [Exchange.MAIN, 'main 1' as const] : [Exchange.AGGRESSIVE, 'aggressive 1' as const]
  let taken: Message | undefined
  for (const bytes of first === undefined ? [] : change(first.bytes))
    taken ??= wire.gateway.peer.accept(bytes.slice(), exchange, shape)
  return taken
}

export function firstMessage(
  wire: { readonly sent: readonly OnWire[]; readonly gateway: End },
  mode: 'main' | 'aggressive' = 'main',
): Message {
  const message = tryFirstMessage(wire, mode)
  if (message === undefined) throw new Error('no first message')
  return message
}

/** An SA payload that offers these, with a pre-shared key. */
export const offerOf = (...texts: readonly string[]): PayloadOf<'sa'> => ({
  type: 'sa',
  proposals: phase1Proposals(phase1Suites(proposals('ike', ...texts), [1], 86_400)),
})

/** Lets conversations begin under the SA. */
export function establish({ peer, ports }: End, sa: IsakmpSa): void {
  peer.establish(protectionOf(ports.crypto, sa))
}

const client = { address: '192.0.2.10', port: 40_500 }
const gateway = { address: '198.51.100.2', port: 500 }

export const psk = (text: string): Phase1Configuration['credential'] => ({
  method: 'psk',
  secret: () => Promise.resolve(new TextEncoder().encode(text)),
})

export const clientConfiguration: Phase1Configuration = {
  mode: 'main',
  proposals: proposals('ike', 'aes256-sha256-modp2048', '3des-sha1-modp1024'),
  lifetimeSeconds: 86_400,
  credential: psk('a secret that is long enough'),
  xauth: false,
  localIdentity: identity('road@example.org'),
  remoteIdentity: identity('vpn.example.org'),
  forceEncapsulation: false,
  local: client,
  remote: gateway,
}

export const gatewayConfiguration: ResponderPhase1 = {
  proposals: clientConfiguration.proposals,
  lifetimeSeconds: 86_400,
  forceEncapsulation: false,
  ways: [{ credential: clientConfiguration.credential, xauth: false }],
  admits: () => true,
  localIdentity: identity('vpn.example.org'),
  local: gateway,
  remote: client,
}
