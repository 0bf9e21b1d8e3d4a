/**
 * Rekeying a Child SA without losing a packet, from either side and from both at once (RFC 7296 sections 1.3.3 and 2.8).
 * The old one is deleted by whoever made the one that stays.
 */
import { Notify, Protocol } from '../code-points.ts'
import { parseEspSpi } from '../../esp-spi.ts'
import type { Message } from '../message.ts'
import type { Reply } from '../peer.ts'
import { findNotify, notify, PeerRefused } from '../refusal.ts'
import type { ChildRecord, SessionState } from '../session-state.ts'
import { compareNonces, newRecord } from '../session-state.ts'
import { answerChild, requestChild } from './create-child.ts'
import { deleteChild } from './delete.ts'

export type RekeyOutcome = 'done' | 'try-again' | 'gone'

/** Replaces one Child SA. Throws PeerRefused where the peer refuses for good. */
export async function rekeyChild(state: SessionState, old: ChildRecord): Promise<RekeyOutcome> {
  if (!state.children.includes(old) || old.replacedBy !== undefined || old.activity !== 'idle') return 'done'
  old.activity = 'rekeying'
  try {
    const { child, keys, lowestNonce } = await requestChild(state, old.child)
    const fresh = newRecord(child)
    state.children.push(fresh)
    const { rival } = old
    // RFC 7296 section 2.8.1: of two simultaneous rekeys, the one with the lowest of the four nonces goes, by its own maker.
    if (rival !== undefined && compareNonces(lowestNonce, rival.lowestNonce) < 0) {
      state.perform({ kind: 'install-inbound-first', child, keys, replaces: old.child })
      // The peer's carries the traffic once the peer shows that it has our answer: by a packet, or by its Delete of the old one.
      old.replacedBy = rival.record.child
      await deleteChild(state, fresh)
      return 'done'
    }
    state.perform({ kind: 'install', child, keys, replaces: old.child })
    old.replacedBy = child
    if (rival !== undefined) rival.record.replacedBy = child
    old.activity = 'idle'
    await deleteChild(state, old)
    return 'done'
  } catch (error) {
    if (!(error instanceof PeerRefused)) throw error
    // RFC 7296 section 2.25: the peer is busy with this Child SA, or has closed it already.
    if (error.notify === Notify.TEMPORARY_FAILURE) return 'try-again'
    if (error.notify === Notify.CHILD_SA_NOT_FOUND) return 'gone'
    throw error
  } finally {
    if (old.activity === 'rekeying') old.activity = 'idle'
  }
}

export function answerRekeyChild(state: SessionState, message: Message): Reply {
  const notification = findNotify(message, Notify.REKEY_SA)
  const spi =
    notification === undefined || notification.protocol !== Protocol.ESP
      ? undefined
      : parseEspSpi(notification.spi)
  const old = state.children.find((record) => record.child.outboundSpi === spi)
  if (old === undefined || notification === undefined) {
    return {
      payloads: [
        {
          ...notify(Notify.CHILD_SA_NOT_FOUND),
          protocol: Protocol.ESP,
          spi: notification?.spi ?? new Uint8Array(),
        },
      ],
    }
  }
  // RFC 7296 section 2.25.1
  if (old.activity === 'deleting' || old.replacedBy !== undefined)
    return { payloads: [notify(Notify.TEMPORARY_FAILURE)] }

  const answer = answerChild(state, state.sa, message, old.child)
  if (answer.kind === 'refused') return { payloads: answer.payloads }
  state.children.push(answer.record)
  state.perform({
    kind: 'install-inbound-first',
    child: answer.record.child,
    keys: answer.keys,
    replaces: old.child,
  })
  if (old.activity === 'rekeying') old.rival = { record: answer.record, lowestNonce: answer.lowestNonce }
  else old.replacedBy = answer.record.child
  return { payloads: answer.payloads }
}
