import { describe, expect, it } from 'vitest'
import { Exchange } from '../../../src-main/ike/v2/code-points.ts'
import type { Payload, PayloadType } from '../../../src-main/ike/v2/payloads.ts'
import { answerTo, rules, violationOf } from '../../../src-main/ike/v2/rules.ts'

const none = new Uint8Array(0)
const samples: { readonly [Type in PayloadType]: Extract<Payload, { type: Type }> } = {
  sa: { type: 'sa', proposals: [] },
  ke: { type: 'ke', group: 31, data: none },
  'id-initiator': { type: 'id-initiator', kind: 2, data: none },
  'id-responder': { type: 'id-responder', kind: 2, data: none },
  certificate: { type: 'certificate', encoding: 4, data: none },
  'certificate-request': { type: 'certificate-request', encoding: 4, data: none },
  authentication: { type: 'authentication', method: 2, data: none },
  nonce: { type: 'nonce', data: none },
  notify: { type: 'notify', protocol: 0, spi: none, notify: 14, data: none },
  delete: { type: 'delete', protocol: 1, spis: [] },
  'vendor-id': { type: 'vendor-id', data: none },
  'ts-initiator': { type: 'ts-initiator', selectors: [] },
  'ts-responder': { type: 'ts-responder', selectors: [] },
  configuration: { type: 'configuration', kind: 1, attributes: [] },
  eap: { type: 'eap', data: none },
  unknown: { type: 'unknown', number: 200, critical: false, data: none },
}

const short: Readonly<Record<string, PayloadType>> = {
  SA: 'sa',
  KE: 'ke',
  IDi: 'id-initiator',
  IDr: 'id-responder',
  CERT: 'certificate',
  CERTREQ: 'certificate-request',
  AUTH: 'authentication',
  Nonce: 'nonce',
  N: 'notify',
  D: 'delete',
  V: 'vendor-id',
  TSi: 'ts-initiator',
  TSr: 'ts-responder',
  CP: 'configuration',
  EAP: 'eap',
  X: 'unknown',
}
const payloadsOf = (names: string): readonly Payload[] =>
  names.split(' ').flatMap((name) => {
    const type = short[name]
    return type === undefined ? [] : [samples[type]]
  })

const judge = (
  exchange: number,
  direction: string,
  names: string,
  encrypted = exchange !== Exchange.IKE_SA_INIT,
) => violationOf({ exchange, response: direction === '<' }, payloadsOf(names), encrypted)?.reason ?? 'fits'

const { IKE_SA_INIT, IKE_AUTH, CREATE_CHILD_SA, INFORMATIONAL } = Exchange

describe('what may occur in which message', () => {
  // RFC 7296 sections 1.2, 1.3, 1.4, 2.16 and appendix C; RFC 6023 for the childless ones.
  it.each([
    [IKE_SA_INIT, '>', 'SA KE Nonce'],
    [IKE_SA_INIT, '>', 'N SA KE Nonce N N N V V'],
    [IKE_SA_INIT, '>', 'Nonce V KE SA X'],
    [IKE_SA_INIT, '<', 'SA KE Nonce N N CERTREQ N'],
    [IKE_SA_INIT, '<', 'N'],
    [IKE_SA_INIT, '<', 'N V'],
    [IKE_AUTH, '>', 'IDi CERT CERT N CERTREQ IDr AUTH CP SA TSi TSr N N'],
    [IKE_AUTH, '>', 'IDi CERTREQ CP SA TSi TSr'],
    [IKE_AUTH, '>', 'EAP'],
    [IKE_AUTH, '>', 'AUTH'],
    [IKE_AUTH, '>', 'IDi AUTH'],
    [IKE_AUTH, '>', 'N'],
    [IKE_AUTH, '<', 'IDr CERT AUTH CP SA TSi TSr N'],
    [IKE_AUTH, '<', 'IDr CERT CERT AUTH EAP'],
    [IKE_AUTH, '<', 'EAP'],
    [IKE_AUTH, '<', 'AUTH CP SA TSi TSr N'],
    [IKE_AUTH, '<', 'IDr AUTH N'],
    [IKE_AUTH, '<', 'AUTH N'],
    [IKE_AUTH, '<', 'N'],
    [CREATE_CHILD_SA, '>', 'SA Nonce TSi TSr'],
    [CREATE_CHILD_SA, '>', 'N SA Nonce KE TSi TSr N'],
    [CREATE_CHILD_SA, '>', 'SA Nonce KE'],
    [CREATE_CHILD_SA, '<', 'SA Nonce KE TSi TSr'],
    [CREATE_CHILD_SA, '<', 'SA Nonce KE'],
    [CREATE_CHILD_SA, '<', 'N'],
    [INFORMATIONAL, '>', ''],
    [INFORMATIONAL, '>', 'D D N CP'],
    [INFORMATIONAL, '<', ''],
    [INFORMATIONAL, '<', 'D X'],
  ])('lets exchange %i %s %s pass', (exchange, direction, names) => {
    expect(judge(exchange, direction, names)).toBe('fits')
  })

  it.each<[number, string, string, string]>([
    [IKE_SA_INIT, '>', 'SA KE', 'missing nonce'],
    [IKE_SA_INIT, '>', 'SA SA KE Nonce', 'two SAs'],
    [IKE_SA_INIT, '>', 'N', 'a refusal as a request'],
    [IKE_SA_INIT, '>', 'SA KE Nonce AUTH', 'AUTH too early'],
    [IKE_SA_INIT, '<', '', 'nothing'],
    [IKE_SA_INIT, '<', 'SA Nonce N', 'no KE'],
    [IKE_SA_INIT, '<', 'SA KE KE Nonce', 'two KEs'],
    [IKE_AUTH, '>', 'IDi AUTH SA TSi', 'no TSr'],
    [IKE_AUTH, '<', 'AUTH AUTH IDr SA TSi TSr', 'two AUTHs'],
    [IKE_AUTH, '<', 'IDr IDr AUTH SA TSi TSr', 'two identities'],
    [IKE_AUTH, '<', 'EAP EAP', 'two EAPs'],
    [IKE_AUTH, '<', 'IDr AUTH SA TSi TSr EAP', 'success and EAP at once'],
    [IKE_AUTH, '<', 'EAP SA TSi TSr', 'an SA in the middle of EAP'],
    [IKE_AUTH, '<', 'SA TSi TSr', 'an SA without AUTH'],
    [IKE_AUTH, '<', '', 'nothing'],
    [CREATE_CHILD_SA, '<', 'SA Nonce', 'neither TS nor KE'],
    [CREATE_CHILD_SA, '<', 'SA KE KE Nonce', 'two KEs'],
    [CREATE_CHILD_SA, '<', 'SA Nonce KE TSi', 'half the selectors'],
    [INFORMATIONAL, '>', 'AUTH', 'AUTH out of place'],
    [INFORMATIONAL, '>', 'CP CP', 'two CPs'],
  ])('refuses exchange %i %s %s: %s', (exchange, direction, names) => {
    expect(judge(exchange, direction, names)).toBe('payload-counts')
  })

  it('asks for protection where the exchange has it, and for none in the first', () => {
    expect(judge(INFORMATIONAL, '>', 'N', false)).toBe('unprotected')
    expect(judge(IKE_AUTH, '<', 'N', false)).toBe('unprotected')
    expect(judge(IKE_SA_INIT, '<', 'N', true)).toBe('protected')
    expect(judge(43, '>', 'N', true)).toBe('unknown-exchange')
  })

  it('passes over unknown payloads unless they are critical', () => {
    const critical: Payload = { ...samples.unknown, critical: true }
    const violation = violationOf({ exchange: INFORMATIONAL, response: false }, [critical], true)
    expect(violation).toEqual({ reason: 'unsupported-critical-payload', payload: 200 })
    expect(violation === undefined ? undefined : answerTo(violation)).toEqual({
      notify: 1,
      data: Uint8Array.of(200),
    })
  })

  it('has one rule for each message', () => {
    const keys = rules.map(({ exchange, response }) => `${exchange} ${response}`)
    expect(new Set(keys).size).toBe(keys.length)
  })
})
