/** CREATE_CHILD_SA asked for by the peer: which of its three kinds it is, and whether this is the time for it. */
import { VpnError } from '../../../../src-shared/errors.ts'
import { Notify, Protocol } from '../code-points.ts'
import type { IkeSa } from '../ike-sa.ts'
import type { Message } from '../message.ts'
import type { Reply } from '../peer.ts'
import { hasNotify, notify } from '../refusal.ts'
import type { SessionState } from '../session-state.ts'
import { answerCreateChild } from './create-child.ts'
import { answerRekeyChild } from './rekey-child.ts'
import { answerRekeyIkeSa } from './rekey-ike.ts'

/** `sa`: the IKE SA that the request came in. */
export function answerCreate(state: SessionState, sa: IkeSa | undefined, message: Message): Reply {
  try {
    // RFC 7296 section 2.25.2: an IKE SA that is replaced makes nothing new.
    if (sa !== state.sa) return { payloads: [notify(Notify.TEMPORARY_FAILURE)] }
    const forIke = message.payloads.some(
      (payload) => payload.type === 'sa' && payload.proposals[0]?.protocol === Protocol.IKE,
    )
    if (forIke) return answerRekeyIkeSa(state, message)
    if (state.activity === 'rekey-ike' || state.activity === 'delete-ike')
      return { payloads: [notify(Notify.TEMPORARY_FAILURE)] }
    return hasNotify(message, Notify.REKEY_SA)
      ? answerRekeyChild(state, message)
      : answerCreateChild(state, message)
  } catch (error) {
    if (!(error instanceof VpnError)) throw error
    // RFC 7296 section 2.21.3
    return { payloads: [notify(Notify.INVALID_SYNTAX)] }
  }
}
