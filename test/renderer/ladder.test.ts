import { describe, expect, it } from 'vitest'
import type { ExchangeMessage } from '../../src-shared/exchange-message.ts'
import {
  bySa,
  everything,
  exchangesIn,
  isLiveness,
  ladderRows,
  matches,
  messageText,
} from '../../src-renderer/views/exchange/ladder.ts'

const message = (over: Partial<ExchangeMessage>): ExchangeMessage => ({
  number: 1,
  profileId: 'p',
  at: 1000,
  direction: 'sent',
  version: 2,
  exchange: 'IKE_SA_INIT',
  kind: 'request',
  messageId: 0,
  initiatorSpi: '00000000000000a1',
  responderSpi: '0000000000000000',
  length: 400,
  fragments: 1,
  encrypted: false,
  retransmissions: 0,
  summary: 'Offer of suites',
  payloads: [{ name: 'SA', parts: [{ name: 'Proposal 1', value: 'AES-GCM-16 256' }] }],
  ...over,
})

describe('the ladder', () => {
  it('tells how long each answer took', () => {
    const rows = ladderRows([
      message({}),
      message({
        number: 2,
        at: 1023,
        direction: 'received',
        kind: 'response',
        responderSpi: '00000000000000b2',
      }),
    ])
    expect(rows[0]?.answeredAfterMs).toBeUndefined()
    expect(rows[1]).toMatchObject({ answeredAfterMs: 23, sinceStartMs: 23 })
  })

  it('does not take the gateway’s request of the same message ID for the one that is answered', () => {
    const rows = ladderRows([
      message({ exchange: 'INFORMATIONAL', messageId: 2, at: 0 }),
      message({ exchange: 'INFORMATIONAL', messageId: 2, at: 50, direction: 'received' }),
      message({ exchange: 'INFORMATIONAL', messageId: 2, at: 60, kind: 'response' }),
      message({ exchange: 'INFORMATIONAL', messageId: 2, at: 90, kind: 'response', direction: 'received' }),
    ])
    expect(rows.map(({ answeredAfterMs }) => answeredAfterMs)).toEqual([undefined, undefined, 10, 90])
  })

  it('starts anew with each IKE SA', () => {
    const rows = ladderRows([message({ at: 5 }), message({ at: 900, initiatorSpi: '00000000000000ff' })])
    expect(rows.map(({ sinceStartMs }) => sinceStartMs)).toEqual([0, 0])
    expect(bySa(rows).map(({ initiatorSpi, rows: own }) => [initiatorSpi.slice(-2), own.length])).toEqual([
      ['a1', 1],
      ['ff', 1],
    ])
  })

  it('finds text in any payload, and by exchange', () => {
    expect(matches(message({}), { ...everything, text: 'gcm-16' })).toBe(true)
    expect(matches(message({}), { ...everything, text: 'chacha' })).toBe(false)
    expect(matches(message({}), { ...everything, exchange: 'IKE_AUTH' })).toBe(false)
    expect(exchangesIn([message({}), message({ exchange: 'IKE_AUTH' }), message({})])).toEqual([
      'IKE_SA_INIT',
      'IKE_AUTH',
    ])
  })

  it('hides liveness checks alone', () => {
    const check = message({ exchange: 'INFORMATIONAL', payloads: [{ name: 'SK', value: '57 bytes' }] })
    const remove = message({
      exchange: 'INFORMATIONAL',
      payloads: [{ name: 'SK', parts: [{ name: 'D', value: 'ESP c0ffee01' }] }],
    })
    expect(isLiveness(check)).toBe(true)
    expect(isLiveness(message({ exchange: 'INFORMATIONAL', payloads: [] }))).toBe(true)
    expect(isLiveness(remove)).toBe(false)
    expect(matches(check, { ...everything, hidesLiveness: true })).toBe(false)
    expect(matches(remove, { ...everything, hidesLiveness: true })).toBe(true)
  })

  it('copies as indented text', () => {
    expect(messageText(message({}))).toBe(
      [
        '1970-01-01T00:00:01.000Z → IKEv2 IKE_SA_INIT request id 0 00000000000000a1_i 0000000000000000_r 400 bytes',
        'Offer of suites',
        '  SA',
        '    Proposal 1: AES-GCM-16 256',
      ].join('\n'),
    )
  })
})
