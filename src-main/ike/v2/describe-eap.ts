/** EAP packets for the exchange view (RFC 3748 section 4): code, identifier and method; never what a method says. */
import type { MessageNode } from '../../../src-shared/exchange-message.ts'
import { lengthWords, node } from '../message-words.ts'
import type { Payload } from './payloads.ts'

const codes = new Map([
  [1, 'Request'],
  [2, 'Response'],
  [3, 'Success'],
  [4, 'Failure'],
])

const MSCHAPV2 = 26

const methods = new Map([
  [1, 'Identity'],
  [2, 'Notification'],
  [3, 'Nak'],
  [4, 'MD5-Challenge'],
  [5, 'One-Time Password'],
  [6, 'Generic Token Card'],
  [13, 'EAP-TLS'],
  [18, 'EAP-SIM'],
  [21, 'EAP-TTLS'],
  [23, 'EAP-AKA'],
  [25, 'PEAP'],
  [MSCHAPV2, 'EAP-MSCHAPv2'],
  [50, "EAP-AKA'"],
  [52, 'EAP-PWD'],
  [55, 'TEAP'],
])

/** draft-kamath-pppext-eap-mschapv2 section 2. */
const mschapv2Steps = new Map([
  [1, 'Challenge'],
  [2, 'Response'],
  [3, 'Success'],
  [4, 'Failure'],
  [7, 'Change-Password'],
])

/** Code, identifier, length, type. */
const HEADER_LENGTH = 5

/**
 * The payload as it may be kept: of an EAP packet only its head, in memory of its own. What follows may be a password in clear
 * (Generic Token Card) or half of a hash of one.
 */
export function withoutEapData(payload: Payload): Payload {
  if (payload.type !== 'eap') return payload
  const hasStep = payload.data[4] === MSCHAPV2
  return { type: 'eap', data: payload.data.slice(0, HEADER_LENGTH + (hasStep ? 1 : 0)) }
}

interface EapHead {
  readonly code: string
  readonly identifier: number
  /** As the packet states it. */
  readonly length: number
  readonly method?: string
  readonly step?: string
}

function eapHead(data: Uint8Array): EapHead | undefined {
  if (data.length < 4) return undefined
  const [code = 0, identifier = 0, high = 0, low = 0, type, step] = data
  const stepName = type === MSCHAPV2 && step !== undefined ? mschapv2Steps.get(step) : undefined
  return {
    code: codes.get(code) ?? `code ${code}`,
    identifier,
    length: high * 256 + low,
    ...(type === undefined || code > 2 ? {} : { method: methods.get(type) ?? `EAP type ${type}` }),
    ...(stepName === undefined ? {} : { step: stepName }),
  }
}

/** `Request, EAP-MSCHAPv2 Challenge`; undefined when it is no EAP packet. */
export function eapWords(data: Uint8Array): string | undefined {
  const head = eapHead(data)
  if (head === undefined) return undefined
  const method = [head.method, head.step].filter((part) => part !== undefined).join(' ')
  return method === '' ? head.code : `${head.code}, ${method}`
}

export function describeEap(data: Uint8Array): MessageNode {
  const head = eapHead(data)
  if (head === undefined) return node('EAP', lengthWords(data.length))
  return node('EAP', eapWords(data), [
    node('Code', head.code),
    node('Identifier', String(head.identifier)),
    node('Length', lengthWords(head.length)),
    ...(head.method === undefined ? [] : [node('Type', head.method)]),
    ...(head.step === undefined ? [] : [node('OpCode', head.step)]),
  ])
}
