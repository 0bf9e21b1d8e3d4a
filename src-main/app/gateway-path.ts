/**
 * Whether an IKEv2 gateway answers from here: one harmless IKE_SA_INIT to UDP 500 and 4500 each, as RFC 7296 section 1.2 begins.
 * Nothing secret is in it, and the half-open IKE SA that the gateway may keep runs out by itself (section 2.6 speaks of them).
 */
import type { IkeSpi } from '../../src-shared/brands.ts'
import { ikeSpi, messageId, millis } from '../../src-shared/brands.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { PathReport, PortOutcome, PortReport } from '../../src-shared/network-report.ts'
import { defaultProposals } from '../ike/proposal-text.ts'
import { groupsOf, ikeProposalsToWire } from '../ike/proposals.ts'
import { groupId } from '../ike/groups.ts'
import { Exchange, notifyName } from '../ike/v2/code-points.ts'
import { decodeMessage, encodeMessage } from '../ike/v2/message.ts'
import type { Message } from '../ike/v2/message.ts'
import type {
  Clock,
  Crypto,
  DatagramSocket,
  Datagrams,
  Endpoint,
  Random,
  Resolver,
  Signal,
} from '../ports.ts'

export interface PathPorts {
  readonly clock: Clock
  readonly crypto: Crypto
  readonly random: Random
  readonly datagrams: Datagrams
  readonly resolver: Resolver
}

/** RFC 3948 section 2.2: four zero bytes before an IKE message on port 4500. */
const NON_ESP_MARKER = 4
const sendAtMs = [0, 500, 1500] as const
const patienceMs = 3000
const addressLimit = 2

/** Resolves the name and asks each of its first addresses on both ports. Rejects with VpnError 'cancelled'. */
export async function examinePath(ports: PathPorts, gateway: string, signal: Signal): Promise<PathReport> {
  let addresses: readonly { readonly address: string; readonly family: 4 | 6 }[]
  try {
    addresses = await ports.resolver.resolve(gateway, signal)
  } catch (error) {
    if (error instanceof VpnError && error.code === 'gateway-not-found') return { kind: 'not-found' }
    throw error
  }
  const asked = addresses.slice(0, addressLimit).flatMap(({ address, family }) =>
    [500, 4500].map(async (port): Promise<PortReport> => {
      const outcome = await askPort(ports, { address, port }, family)
      return { address, port, outcome }
    }),
  )
  return {
    kind: 'found',
    addresses: addresses.map(({ address }) => address),
    ports: await Promise.all(asked),
  }
}

function askPort(ports: PathPorts, to: Endpoint, family: 4 | 6): Promise<PortOutcome> {
  const spi = ikeSpi(new DataView(ports.random.bytes(8).buffer).getBigUint64(0) | 1n)
  const marker = to.port === 4500 ? NON_ESP_MARKER : 0
  const message = firstMessage(ports, spi)
  const datagram = new Uint8Array(marker + message.length)
  datagram.set(message, marker)
  let socket: DatagramSocket
  try {
    socket = ports.datagrams.open(family, 0)
  } catch (error) {
    return Promise.resolve({
      kind: 'unreachable',
      detail: error instanceof VpnError ? error.code : String(error),
    })
  }
  const began = ports.clock.monotonic()
  return new Promise((resolve) => {
    const cancels: (() => void)[] = []
    const finish = (outcome: PortOutcome) => {
      for (const cancel of cancels) cancel()
      socket.close()
      resolve(outcome)
    }
    socket.onDatagram((from, buffer, offset, length) => {
      if (from.address !== to.address || from.port !== to.port || length <= marker) return
      const detail = answerTo(spi, buffer.slice(offset + marker, offset + length))
      if (detail !== undefined) finish({ kind: 'answered', afterMs: ports.clock.monotonic() - began, detail })
    })
    for (const delay of sendAtMs) {
      const send = () => {
        const sent = socket.send(to, datagram, 0, datagram.length)
        if (sent === 'unreachable' || sent === 'failed')
          finish({ kind: 'unreachable', detail: 'there is no route' })
      }
      cancels.push(ports.clock.after(millis(delay), send))
    }
    cancels.push(ports.clock.after(millis(patienceMs), () => finish({ kind: 'silent' })))
  })
}

/** IKE_SA_INIT with everything that is recommended. */
function firstMessage({ crypto, random }: PathPorts, spi: IkeSpi): Uint8Array {
  const proposals = defaultProposals('ike')
  const [group] = groupsOf(proposals)
  if (group === undefined) throw new Error('the recommended proposals name no group')
  const offer = crypto.keyExchange(group).initiate()
  const data = offer.publicValue.slice()
  offer.discard()
  const message: Message = {
    header: {
      initiatorSpi: spi,
      responderSpi: ikeSpi(0n),
      exchange: Exchange.IKE_SA_INIT,
      initiator: true,
      response: false,
      messageId: messageId(0),
    },
    payloads: [
      { type: 'sa', proposals: ikeProposalsToWire(proposals, group) },
      { type: 'ke', group: groupId(group), data },
      { type: 'nonce', data: random.bytes(32) },
    ],
  }
  const [bytes] = encodeMessage(message)
  if (bytes === undefined) throw new Error('the first message is empty')
  return bytes
}

/** What the answer says; undefined when it is none to this message. */
function answerTo(spi: IkeSpi, bytes: Uint8Array): string | undefined {
  const decoded = decodeMessage(bytes)
  if (decoded.kind !== 'message' || decoded.message.header.initiatorSpi !== spi) return undefined
  const { payloads } = decoded.message
  if (payloads.some(({ type }) => type === 'sa')) return 'an IKEv2 gateway that takes a recommended proposal'
  const notifies = payloads.flatMap((payload) =>
    payload.type === 'notify' ? [notifyName(payload.notify)] : [],
  )
  return `an IKEv2 gateway (${notifies.join(', ')})`
}
