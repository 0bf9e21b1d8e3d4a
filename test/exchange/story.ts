/**
 * Our initiator and our responder on a wire in memory, each with its session, on one fake clock and seeded random numbers. What
 * is said is kept as lines, `→` from the client, `←` from the gateway; `⇥` marks a message that the other end never got.
 */
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import type { IkeHeader } from '../../src-main/ike/header.ts'
import { readIkeHeader } from '../../src-main/ike/header.ts'
import { parseIdentity } from '../../src-main/ike/identity.ts'
import { defaultProposals, parseProposal } from '../../src-main/ike/proposal-text.ts'
import type { Acceptance, Accepting } from '../../src-main/ike/v2/accept.ts'
import { acceptSession } from '../../src-main/ike/v2/accept.ts'
import { exchangeName, notifyName } from '../../src-main/ike/v2/code-points.ts'
import { createCookies } from '../../src-main/ike/v2/cookies.ts'
import type { AuthResult } from '../../src-main/ike/v2/exchanges/auth.ts'
import type { InitResult } from '../../src-main/ike/v2/exchanges/init.ts'
import { judgeIkeSaInit } from '../../src-main/ike/v2/exchanges/init-responder.ts'
import { freshIkeSpi } from '../../src-main/ike/v2/exchanges/rekey-ike.ts'
import type { AssignedConfiguration, Effect } from '../../src-main/ike/child-sa.ts'
import type { InitiatorConfiguration } from '../../src-main/ike/v2/initiator.ts'
import type { Message } from '../../src-main/ike/v2/message.ts'
import type { ResponderConfiguration } from '../../src-main/ike/v2/responder.ts'
import type { ClosedCause, SessionTimes } from '../../src-main/ike/v2/session-owner.ts'
import { Session } from '../../src-main/ike/v2/session.ts'
import { parseSelector } from '../../src-main/ip/traffic-selector.ts'
import type { Endpoint, Identity } from '../../src-main/ports.ts'
import type { EspSpi } from '../../src-shared/brands.ts'
import { millis } from '../../src-shared/brands.ts'
import { createFakeClock } from '../fakes/fake-clock.ts'
import { createFakeRandom } from '../fakes/fake-random.ts'

export type From = 'client' | 'gateway'

export interface OnWire {
  readonly from: From
  readonly bytes: Uint8Array
  readonly header: IkeHeader | undefined
}

export interface Side {
  readonly session: Session
  readonly random: ReturnType<typeof createFakeRandom>
  readonly effects: Effect[]
  readonly drops: string[]
  readonly authLifetimes: number[]
  closed: ClosedCause | undefined
}

export interface StoryOptions {
  readonly client?: Partial<InitiatorConfiguration>
  readonly gateway?: Partial<ResponderConfiguration>
  readonly clientTimes?: Partial<SessionTimes>
  readonly gatewayTimes?: Partial<SessionTimes>
  readonly cookies?: () => boolean
  readonly seed?: string
}

export const identity = (text: string): Identity => {
  const parsed = parseIdentity(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}
export const selector = (text: string) => {
  const parsed = parseSelector(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}
export const proposal = (kind: 'ike' | 'esp', text: string) => {
  const parsed = parseProposal(kind, text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const never = millis(100 * 86_400_000)
const quiet: SessionTimes = { ikeRekey: never, childRekey: never, liveness: millis(0) }

export const addresses = {
  client: { address: '192.0.2.10', port: 40_500 },
  gateway: { address: '198.51.100.2', port: 500 },
} as const satisfies Record<From, Endpoint>

export const assigned: AssignedConfiguration = {
  addresses: [{ address: '10.9.0.2', length: 32 }],
  dnsServers: ['10.20.0.10'],
  dnsDomains: ['office.test'],
  subnets: [],
}

export function tellStory(options: StoryOptions = {}) {
  const seed = options.seed ?? 'story'
  const clock = createFakeClock()
  const crypto = createCrypto()
  const lines: string[] = []
  const queue: OnWire[] = []
  const acceptances: Acceptance[] = []
  const acceptedBy: Accepting[] = []
  /** What becomes of each datagram on its way; gives what arrives. */
  const wire = {
    meddle: (datagram: OnWire): readonly OnWire[] => [datagram],
    lines,
    /** Datagrams as they were sent. */
    sent: [] as OnWire[],
  }

  const put = (from: From, bytes: Uint8Array) => {
    const datagram = { from, bytes: bytes.slice(), header: readIkeHeader(bytes) }
    wire.sent.push(datagram)
    queue.push(...wire.meddle(datagram))
  }
  const note = (from: From, message: Message) => {
    lines.push(`${from === 'client' ? '→' : '←'} ${describe(message)}`)
  }

  const makeSide = (from: From, times: SessionTimes): Side => {
    const random = createFakeRandom(`${seed} ${from}`)
    const side: { -readonly [Key in keyof Side]: Side[Key] } = {
      session: undefined as unknown as Session,
      random,
      effects: [],
      drops: [],
      authLifetimes: [],
      closed: undefined,
    }
    side.session = new Session(
      {
        ports: { clock, random, crypto, log: () => undefined },
        send: (datagrams) => datagrams.forEach((datagram) => put(from, datagram)),
        perform: (effect) => side.effects.push(effect),
        spiInUse: (spi: EspSpi) => side.session.children.some((child) => child.inboundSpi === spi),
        lastInboundAt: () => undefined,
        onClosed: (cause) => (side.closed = cause),
        onDrop: (reason) => side.drops.push(reason),
        onAuthLifetime: (lifetime) => side.authLifetimes.push(lifetime),
        onMessage: (direction, message) => {
          if (direction === 'sent') note(from, message)
        },
      },
      times,
    )
    return side
  }

  const client = makeSide('client', { ...quiet, ...options.clientTimes })
  const gateway = makeSide('gateway', { ...quiet, ...options.gatewayTimes })
  const gatewayPorts = { clock, random: gateway.random, crypto, log: () => undefined }
  const cookies = createCookies(gatewayPorts)

  const clientConfiguration: InitiatorConfiguration = {
    proposals: { ike: defaultProposals('ike'), esp: defaultProposals('esp') },
    localIdentity: identity('maria@example.test'),
    remoteIdentity: identity('vpn.example.test'),
    local: { method: 'psk', secret: () => Promise.resolve(utf8('open sesame')) },
    remote: { method: 'psk', secret: () => Promise.resolve(utf8('open sesame')) },
    traffic: { local: [], remote: [selector('0.0.0.0/0')] },
    virtualAddress: { ipv4: true, ipv6: false },
    fragmentation: true,
    initialContact: true,
    forceEncapsulation: true,
    ...options.client,
  }
  const gatewayConfiguration: ResponderConfiguration = {
    proposals: { ike: defaultProposals('ike'), esp: defaultProposals('esp') },
    localIdentity: identity('vpn.example.test'),
    local: { method: 'psk' },
    clients: { psk: () => utf8('open sesame') },
    networks: [selector('10.20.0.0/24')],
    fragmentation: true,
    forceEncapsulation: true,
    authLifetime: undefined,
    ...options.gateway,
  }

  const receiveFirst = (bytes: Uint8Array) => {
    const known = acceptedBy.at(-1)
    if (known !== undefined && known.init.sa.initiatorSpi === readIkeHeader(bytes)?.initiatorSpi) {
      known.peer.receive(bytes)
      return
    }
    const path = { local: addresses.gateway, remote: addresses.client }
    const judged = judgeIkeSaInit(gatewayConfiguration, path, bytes, {
      cookies,
      cookieDemanded: options.cookies?.() ?? false,
    })
    switch (judged.kind) {
      case 'dropped':
        gateway.drops.push(judged.reason)
        return
      case 'refused':
        lines.push(`← ${judged.reason}`)
        put('gateway', judged.answer)
        return
      case 'agreed': {
        const accepting = acceptSession(
          {
            ports: gatewayPorts,
            configuration: gatewayConfiguration,
            session: gateway.session,
            spiInUse: () => false,
            onAuthenticated: () => undefined,
            assign: () => assigned,
          },
          path,
          judged.agreement,
          freshIkeSpi(gateway.random),
        )
        if (accepting === 'invalid-public-value') {
          gateway.drops.push(accepting)
          return
        }
        acceptedBy.push(accepting)
        accepting.outcome.then(
          (acceptance) => acceptances.push(acceptance),
          () => undefined,
        )
        lines.push('← IKE_SA_INIT 0 agreed')
        put('gateway', accepting.init.initResponse)
        return
      }
    }
  }

  const arrive = ({ from, bytes }: OnWire) => {
    if (from === 'gateway') client.session.receive(bytes)
    else if (readIkeHeader(bytes)?.responderSpi === 0n) receiveFirst(bytes)
    else gateway.session.receive(bytes)
  }

  /** Lets everything that is on its way arrive, and everything that follows from it. */
  const settle = async () => {
    for (let idle = 0; idle < 3;) {
      await new Promise((resolve) => setImmediate(resolve))
      const next = queue.shift()
      if (next === undefined) idle += 1
      else {
        idle = 0
        arrive(next)
      }
    }
  }

  const state = { moved: false }
  const dial = () =>
    client.session.initiate(clientConfiguration, {
      local: addresses.client,
      remote: addresses.gateway,
      moveToNatPort: () => (state.moved = true),
    })
  type Connected = AuthResult & Pick<InitResult, 'nat'>
  let dialled: Promise<Connected> | undefined
  /** How dialling ended. */
  const result: { connected?: Connected; failure?: unknown } = {}

  return {
    client,
    gateway,
    clock,
    wire,
    state,
    result,
    acceptances,
    /** The gateway's side of each connection, from its first answer on. */
    acceptedBy,
    settle,
    /** Puts a datagram on the wire once more, or one of the test's own. */
    inject: (from: From, bytes: Uint8Array) => {
      queue.push({ from, bytes: bytes.slice(), header: readIkeHeader(bytes) })
    },
    pass: (delayMs: number) => clock.pass(delayMs, settle),
    /** Begins to dial; the outcome is in `result` once settled. */
    dial: () => {
      dialled = dial()
      dialled.then(
        (connected) => (result.connected = connected),
        (error: unknown) => (result.failure = error),
      )
    },
    async connect() {
      this.dial()
      await settle()
      if (result.connected === undefined) throw new Error('not connected', { cause: result.failure })
      return result.connected
    },
    /** The lines since the last call. */
    told: () => lines.splice(0),
    close() {
      client.session.abandon()
      gateway.session.abandon()
    },
  }
}

export type Story = ReturnType<typeof tellStory>

const shortNames: Readonly<Record<string, string>> = {
  'id-initiator': 'IDi',
  'id-responder': 'IDr',
  'ts-initiator': 'TSi',
  'ts-responder': 'TSr',
  sa: 'SA',
  ke: 'KE',
  nonce: 'N',
  authentication: 'AUTH',
  certificate: 'CERT',
  'certificate-request': 'CERTREQ',
  configuration: 'CP',
  eap: 'EAP',
  delete: 'D',
}

/** `CREATE_CHILD_SA 2 N(REKEY_SA) SA N KE TSi TSr`; with `answer` when it is one. */
export const describe = ({ header, payloads }: Message): string =>
  [
    exchangeName(header.exchange),
    String(header.messageId),
    ...payloads.map((payload) => {
      if (payload.type === 'notify') return `N(${notifyName(payload.notify)})`
      if (payload.type === 'delete') return payload.protocol === 1 ? 'D(IKE)' : 'D(ESP)'
      return shortNames[payload.type] ?? payload.type
    }),
  ].join(' ')

/** SPI and key of both directions on both ends: what has to agree for packets to pass. */
export const keysAgree = (a: Effect | undefined, b: Effect | undefined): boolean => {
  if (a === undefined || b === undefined || !('keys' in a) || !('keys' in b)) return false
  const same = (x: Uint8Array, y: Uint8Array) => Buffer.from(x).equals(Buffer.from(y))
  return (
    a.child.inboundSpi === b.child.outboundSpi &&
    a.child.outboundSpi === b.child.inboundSpi &&
    same(a.keys.inbound.encryptionKey, b.keys.outbound.encryptionKey) &&
    same(a.keys.outbound.encryptionKey, b.keys.inbound.encryptionKey)
  )
}
