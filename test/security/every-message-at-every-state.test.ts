/**
 * Every message that a gateway can say, at every state of ours. The table has all that is not "nothing": one exchange is due at a
 * time, and nothing else is heard before both sides have proven who they are.
 */
import { describe, expect, it } from 'vitest'
import { messageId } from '../../src-shared/brands.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { espProposalsToWire, ikeProposalsToWire } from '../../src-main/ike/proposals.ts'
import { Exchange, Notify, Protocol } from '../../src-main/ike/v2/code-points.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import { notify } from '../../src-main/ike/v2/refusal.ts'
import { proposal, selector, utf8 } from '../exchange/story.ts'
import { gist } from '../hostile/established.ts'
import type { HostileOptions, Tamper } from '../hostile/hostile-gateway.ts'
import { gatewayVoice, hostileGateway } from '../hostile/hostile-gateway.ts'

const proposals = {
  ike: [proposal('ike', 'aes256-sha256-x25519')],
  esp: [proposal('esp', 'aes256gcm16-x25519-noesn')],
}
const story = { client: { proposals }, gateway: { proposals } }

/** The gateway's answers of an exchange from the n-th on never arrive, so that we go on waiting. */
const silentFrom =
  (exchange: number, answer = 0): Tamper =>
  ({ message, before, honest }) => {
    const isMeant = message.header.exchange === exchange && message.header.response
    return isMeant && before >= answer ? [] : [honest]
  }

interface State {
  readonly name: string
  readonly options: HostileOptions
  readonly reach?: (hostile: ReturnType<typeof hostileGateway>) => void
}

const states: readonly State[] = [
  { name: 'IKE_SA_INIT asked', options: { tamper: silentFrom(Exchange.IKE_SA_INIT) } },
  { name: 'IKE_AUTH asked', options: { tamper: silentFrom(Exchange.IKE_AUTH) } },
  { name: 'EAP identity given', options: { setting: 'eap', tamper: silentFrom(Exchange.IKE_AUTH, 1) } },
  { name: 'EAP challenge answered', options: { setting: 'eap', tamper: silentFrom(Exchange.IKE_AUTH, 2) } },
  { name: 'EAP proof acknowledged', options: { setting: 'eap', tamper: silentFrom(Exchange.IKE_AUTH, 3) } },
  { name: 'AUTH after EAP asked', options: { setting: 'eap', tamper: silentFrom(Exchange.IKE_AUTH, 4) } },
  { name: 'established', options: {} },
  {
    name: 'rekeying the Child SA',
    options: { tamper: silentFrom(Exchange.CREATE_CHILD_SA) },
    reach: ({ story: { client } }) =>
      client.session.rekeyChildOf(client.session.children[0]?.inboundSpi ?? (0 as never)),
  },
  {
    name: 'rekeying the IKE SA',
    options: { tamper: silentFrom(Exchange.CREATE_CHILD_SA) },
    reach: ({ story: { client } }) => client.session.rekeyIkeSa(),
  },
  {
    name: 'asking for life',
    options: { tamper: silentFrom(Exchange.INFORMATIONAL) },
    reach: ({ story: { client } }) => client.session.probe(),
  },
  {
    name: 'closing',
    options: { tamper: silentFrom(Exchange.INFORMATIONAL) },
    reach: ({ story: { client } }) => void client.session.close(),
  },
  { name: 'closed', options: {}, reach: ({ story: { client } }) => client.session.abandon() },
]

interface Said {
  readonly name: string
  readonly exchange: number
  readonly payloads: (hostile: ReturnType<typeof hostileGateway>) => readonly Payload[]
}

const bytes = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value)
const keyExchange: Payload = {
  type: 'ke',
  group: 31,
  data: createCrypto().keyExchange('curve25519').initiate().publicValue,
}
const eap = (...data: readonly number[]): Payload => ({ type: 'eap', data: Uint8Array.from(data) })
const auth: readonly Payload[] = [
  { type: 'id-responder', kind: 2, data: utf8('vpn.example.test') },
  { type: 'authentication', method: 2, data: bytes(32, 1) },
]
const childSa = (): readonly Payload[] => [
  { type: 'sa', proposals: espProposalsToWire(proposals.esp, bytes(4, 7), 'curve25519') },
  { type: 'nonce', data: bytes(32, 5) },
  keyExchange,
  { type: 'ts-initiator', selectors: [selector('10.20.0.0/24')] },
  { type: 'ts-responder', selectors: [selector('10.9.0.2/32')] },
]
const rekeyOf = (spi: Uint8Array): Payload => ({
  type: 'notify',
  protocol: Protocol.ESP,
  spi,
  notify: Notify.REKEY_SA,
  data: bytes(0),
})
const outboundSpi = (hostile: ReturnType<typeof hostileGateway>): Uint8Array => {
  const spi = bytes(4)
  new DataView(spi.buffer).setUint32(0, hostile.story.client.session.children[0]?.outboundSpi ?? 0)
  return spi
}

const messages: readonly Said[] = [
  {
    name: 'SA KE N',
    exchange: 34,
    payloads: () => [
      { type: 'sa', proposals: ikeProposalsToWire(proposals.ike) },
      keyExchange,
      { type: 'nonce', data: bytes(32, 5) },
    ],
  },
  {
    name: 'IDr AUTH SA TSi TSr',
    exchange: 35,
    payloads: () => [...auth, ...childSa().filter(({ type }) => type !== 'ke' && type !== 'nonce')],
  },
  { name: 'IDr AUTH EAP-Request', exchange: 35, payloads: () => [...auth, eap(1, 1, 0, 5, 1)] },
  { name: 'EAP-Request', exchange: 35, payloads: () => [eap(1, 1, 0, 5, 1)] },
  { name: 'EAP-Success', exchange: 35, payloads: () => [eap(3, 1, 0, 4)] },
  { name: 'EAP-Failure', exchange: 35, payloads: () => [eap(4, 1, 0, 4)] },
  { name: 'AUTH', exchange: 35, payloads: () => auth.slice(1) },
  { name: 'N(AUTHENTICATION_FAILED)', exchange: 35, payloads: () => [notify(Notify.AUTHENTICATION_FAILED)] },
  { name: 'a Child SA', exchange: 36, payloads: () => childSa() },
  {
    name: 'a rekeyed Child SA',
    exchange: 36,
    payloads: (hostile) => [rekeyOf(outboundSpi(hostile)), ...childSa()],
  },
  {
    name: 'an IKE SA',
    exchange: 36,
    payloads: () => [
      { type: 'sa', proposals: ikeProposalsToWire(proposals.ike, 'curve25519', bytes(8, 7)) },
      ...childSa().slice(1, 3),
    ],
  },
  { name: 'nothing', exchange: 37, payloads: () => [] },
  { name: 'D(IKE)', exchange: 37, payloads: () => [{ type: 'delete', protocol: 1, spis: [] }] },
  {
    name: 'D(ESP)',
    exchange: 37,
    payloads: (hostile) => [{ type: 'delete', protocol: 3, spis: [outboundSpi(hostile)] }],
  },
  { name: 'N(AUTHENTICATION_FAILED)', exchange: 37, payloads: () => [notify(Notify.AUTHENTICATION_FAILED)] },
  { name: 'an exchange of 2040', exchange: 250, payloads: () => [] },
]

/** Says one thing at one state; gives what came of it. */
async function come(state: State, said: Said, response: boolean): Promise<string> {
  const hostile = hostileGateway({ story, ...state.options })
  const { client, settle, wire, result } = hostile.story
  hostile.story.dial()
  await settle()
  state.reach?.(hostile)
  await settle()
  const { sa } = hostile
  const asked = wire.sent.findLast(({ from, header }) => from === 'client' && header?.response === false)
  if (sa === undefined || asked?.header === undefined) throw new Error('not there')
  const before = {
    sent: wire.sent.length,
    effects: client.effects.length,
    failure: result.failure,
    sa: client.session.sa,
  }
  const id = response ? asked.header.messageId : messageId(0)
  const header = { exchange: said.exchange, response, messageId: id }
  const voice = gatewayVoice(sa)
  for (const datagram of voice.write(header, said.payloads(hostile)))
    hostile.story.inject('gateway', datagram)
  // In clear as well: that is the form of IKE_SA_INIT, and nobody else's.
  hostile.story.inject('gateway', voice.plain(header, said.payloads(hostile)))
  wire.meddle = (datagram) => (datagram.from === 'client' ? [] : [datagram])
  await settle()
  const answers = wire.sent.slice(before.sent).filter(({ from }) => from === 'client')
  const outcome = [
    ...answers.map(({ bytes: datagram }) => {
      // To a first answer that we made up: said under keys that nobody else has.
      if (state.name === 'IKE_SA_INIT asked') return 'asks under new keys'
      const heard = hostile.openClient(datagram)
      const text = gist(heard)
      return heard.header.response ? `answers ${text === '' ? 'nothing' : text}` : `asks ${text}`
    }),
    ...(result.failure !== before.failure
      ? [`fails ${result.failure instanceof VpnError ? result.failure.code : 'unknown'}`]
      : []),
    ...client.effects.slice(before.effects).map(({ kind }) => kind),
    ...(client.session.sa !== before.sa ? ['another IKE SA'] : []),
    ...(client.closed === undefined ? [] : [client.closed]),
  ]
  hostile.story.close()
  return outcome.join(', ')
}

// ---------------------------------------------------------------- what is expected

type Outcomes = Readonly<Record<string, string>>

/** Fits no shape of its exchange: authentic nonsense is told so, and has no other effect. */
const nonsense: Outcomes = {
  '34 SA KE N': 'answers INVALID_SYNTAX',
  '35 IDr AUTH SA TSi TSr': 'answers INVALID_SYNTAX',
  '35 IDr AUTH EAP-Request': 'answers INVALID_SYNTAX',
  '250 an exchange of 2040': 'answers INVALID_SYNTAX',
}
const lateAuthentication: Outcomes = {
  '35 EAP-Request': 'answers INVALID_SYNTAX',
  '35 EAP-Success': 'answers INVALID_SYNTAX',
  '35 EAP-Failure': 'answers INVALID_SYNTAX',
  '35 AUTH': 'answers INVALID_SYNTAX',
  '35 N(AUTHENTICATION_FAILED)': 'answers INVALID_SYNTAX',
}
const informationals: Outcomes = {
  '37 nothing': 'answers nothing',
  '37 D(IKE)': 'answers nothing, remove, gateway-closed',
  '37 D(ESP)': 'answers delete, remove',
  '37 N(AUTHENTICATION_FAILED)': 'answers nothing, remove, gateway-closed',
}
const asked: Outcomes = { ...nonsense, ...lateAuthentication, ...informationals }
const child = 'answers sa nonce ke ts-initiator ts-responder'
const idle: Outcomes = {
  ...asked,
  '36 a Child SA': `${child}, install`,
  '36 a rekeyed Child SA': `${child}, install-inbound-first`,
  '36 an IKE SA': 'answers sa nonce ke, another IKE SA',
}
const busy = 'answers TEMPORARY_FAILURE'
const ends = (code: string): string => `asks AUTHENTICATION_FAILED, fails ${code}`
/** All that IKE_AUTH can be answered with, each ending the attempt; what does not stands in the row of its state. */
const everyAnswerEnds = (code: string): Outcomes => ({
  '35 IDr AUTH SA TSi TSr': ends(code),
  '35 IDr AUTH EAP-Request': ends(code),
  '35 EAP-Request': ends(code),
  '35 EAP-Success': ends(code),
  '35 EAP-Failure': ends(code),
  '35 AUTH': ends(code),
  '35 N(AUTHENTICATION_FAILED)': ends(code),
})
const withinEap: Outcomes = {
  ...everyAnswerEnds('protocol-violation'),
  '35 EAP-Failure': ends('credentials-refused'),
  '35 N(AUTHENTICATION_FAILED)': ends('credentials-refused'),
}
const asksOn = { '35 EAP-Request': 'asks eap', '35 IDr AUTH EAP-Request': 'asks eap' }

const table: Readonly<Record<string, { readonly requests: Outcomes; readonly answers: Outcomes }>> = {
  // No keys yet: nothing but the one answer in clear, which proves nothing.
  'IKE_SA_INIT asked': { requests: {}, answers: { '34 SA KE N': 'asks under new keys' } },
  // CVE-2026-78135, CVE-2014-2338: no Child SA, no rekeying, no Delete before both sides are authenticated.
  'IKE_AUTH asked': {
    requests: nonsense,
    answers: {
      ...everyAnswerEnds('gateway-not-authenticated'),
      '35 AUTH': ends('protocol-violation'),
      '35 N(AUTHENTICATION_FAILED)': ends('authentication-refused'),
    },
  },
  // CVE-2021-45079: EAP-Success is right at one state alone, and then only leads to AUTH.
  'EAP identity given': { requests: nonsense, answers: { ...withinEap, ...asksOn } },
  'EAP challenge answered': { requests: nonsense, answers: withinEap },
  'EAP proof acknowledged': {
    requests: nonsense,
    answers: { ...withinEap, '35 EAP-Success': 'asks authentication' },
  },
  'AUTH after EAP asked': {
    requests: nonsense,
    answers: {
      ...everyAnswerEnds('gateway-not-authenticated'),
      '35 N(AUTHENTICATION_FAILED)': ends('authentication-refused'),
    },
  },
  established: {
    requests: { ...idle, '37 D(ESP)': 'asks sa nonce ke ts-initiator ts-responder, answers delete, remove' },
    answers: {},
  },
  'rekeying the Child SA': { requests: { ...idle, '36 an IKE SA': busy }, answers: {} },
  'rekeying the IKE SA': {
    requests: {
      ...asked,
      '36 a Child SA': busy,
      '36 a rekeyed Child SA': busy,
      '36 an IKE SA': 'answers sa nonce ke',
    },
    answers: { '36 an IKE SA': 'asks delete, another IKE SA' },
  },
  'asking for life': { requests: idle, answers: {} },
  closing: {
    requests: { ...asked, '36 a Child SA': busy, '36 a rekeyed Child SA': busy, '36 an IKE SA': busy },
    answers: {
      '37 nothing': 'remove',
      '37 D(IKE)': 'remove',
      '37 D(ESP)': 'remove',
      '37 N(AUTHENTICATION_FAILED)': 'remove',
    },
  },
  closed: { requests: {}, answers: {} },
}

describe.each(states)('$name', (state) => {
  it.each(['requests', 'answers'] as const)('hears the %s that are due and no others', async (kind) => {
    const found: Record<string, string> = {}
    for (const said of messages) {
      const outcome = await come(state, said, kind === 'answers')
      if (outcome !== '') found[`${said.exchange} ${said.name}`] = outcome
    }
    expect(found).toEqual(table[state.name]?.[kind])
  })
})
