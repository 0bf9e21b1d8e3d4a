/** Deleting SAs (RFC 7296 section 1.4.1): each side names the SPIs that it receives on; an IKE SA is deleted by its own message. */
import { Exchange, Protocol } from '../code-points.ts'
import { parseEspSpi, spiBytes } from '../../esp-spi.ts'
import type { IkeSa } from '../ike-sa.ts'
import type { Message } from '../message.ts'
import type { Payload } from '../payloads.ts'
import type { Retransmission } from '../peer.ts'
import { patience } from '../peer.ts'
import type { ChildRecord, SessionState } from '../session-state.ts'
import { dropRecord, recordOf } from '../session-state.ts'

const deletePayload = (protocol: number, spis: readonly Uint8Array[]): Payload => ({
  type: 'delete',
  protocol,
  spis: [...spis],
})

/** Closes one Child SA on both ends. */
export async function deleteChild(state: SessionState, record: ChildRecord): Promise<void> {
  if (!state.children.includes(record) || record.activity === 'deleting') return
  record.activity = 'deleting'
  await state.sa.peer.request(
    Exchange.INFORMATIONAL,
    [deletePayload(Protocol.ESP, [spiBytes(record.child.inboundSpi)])],
    {
      retransmission: patience.established,
    },
  )
  if (state.children.includes(record)) retire(state, record)
}

/** Takes a Child SA out. What replaces it carries the traffic from now on, also when the peer has not yet used it. Gives whether anything does. */
function retire(state: SessionState, record: ChildRecord): boolean {
  const successor = record.replacedBy ?? record.rival?.record.child
  const succeeded = successor !== undefined && recordOf(state, successor) !== undefined
  if (succeeded) state.perform({ kind: 'switch-outbound', child: successor })
  dropRecord(state, record, succeeded)
  return succeeded
}

/** Closes an IKE SA and with it, when it is the current one, everything under it. */
export async function deleteIkeSa(sa: IkeSa, retransmission: Retransmission): Promise<void> {
  await sa.peer.request(Exchange.INFORMATIONAL, [deletePayload(Protocol.IKE, [])], { retransmission })
}

export interface AnsweredDelete {
  readonly payloads: readonly Payload[]
  readonly ikeSaDeleted: boolean
  /** A Child SA that nothing replaces was closed by the peer. */
  readonly trafficStopped: boolean
}

export function answerDelete(state: SessionState, message: Message): AnsweredDelete {
  const deletes = message.payloads.filter((payload) => payload.type === 'delete')
  if (deletes.some((payload) => payload.protocol === Protocol.IKE)) {
    return { payloads: [], ikeSaDeleted: true, trafficStopped: false }
  }
  // The same SPI twice is one Delete: the record is gone the second time.
  const ours: Uint8Array[] = []
  let trafficStopped = false
  for (const spi of deletes
    .filter((payload) => payload.protocol === Protocol.ESP)
    .flatMap((payload) => payload.spis)) {
    const outboundSpi = parseEspSpi(spi)
    const record = state.children.find((candidate) => candidate.child.outboundSpi === outboundSpi)
    if (record === undefined) continue
    // RFC 7296 section 2.25.1: our own Delete is on its way and names ours already.
    if (record.activity !== 'deleting') ours.push(spiBytes(record.child.inboundSpi))
    const isOurWill = record.activity === 'deleting'
    if (!retire(state, record) && !isOurWill) trafficStopped = true
  }
  return {
    payloads: ours.length === 0 ? [] : [deletePayload(Protocol.ESP, ours)],
    ikeSaDeleted: false,
    trafficStopped,
  }
}
