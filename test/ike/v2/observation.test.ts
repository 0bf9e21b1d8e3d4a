import { describe, expect, it } from 'vitest'
import { ikeSpi, messageId } from '../../../src-shared/brands.ts'
import { createFragmentTally, sentAs } from '../../../src-main/ike/v2/observation.ts'

const header = (id: number, response: boolean) => ({
  initiatorSpi: ikeSpi(1n),
  responderSpi: ikeSpi(2n),
  exchange: 35,
  initiator: true,
  response,
  messageId: messageId(id),
})

describe('how a message was on the wire', () => {
  it('counts the datagrams of what is sent', () => {
    expect(sentAs([new Uint8Array(80)], true)).toEqual({ bytes: 80, datagrams: 1, encrypted: true })
    expect(sentAs([new Uint8Array(1200), new Uint8Array(300)], true)).toEqual({
      bytes: 1500,
      datagrams: 2,
      encrypted: true,
    })
  })

  it('adds up fragments until their message is whole, requests and responses apart', () => {
    const tally = createFragmentTally()
    tally.kept(header(1, false), 1000)
    tally.kept(header(1, true), 500)
    tally.kept(header(1, false), 1000)
    expect(tally.complete(header(1, false), 10, true)).toEqual({ bytes: 2010, datagrams: 3, encrypted: true })
    expect(tally.complete(header(1, true), 7, true)).toEqual({ bytes: 507, datagrams: 2, encrypted: true })
    // Counted once: the next message begins anew.
    expect(tally.complete(header(1, false), 10, true)).toEqual({ bytes: 10, datagrams: 1, encrypted: true })
  })

  it('forgets fragments of a message that never became whole', () => {
    const tally = createFragmentTally()
    tally.kept(header(1, false), 1000)
    expect(tally.complete(header(2, false), 80, true)).toEqual({ bytes: 80, datagrams: 1, encrypted: true })
    tally.kept(header(3, false), 100)
    expect(tally.complete(header(3, false), 5, true)).toEqual({ bytes: 105, datagrams: 2, encrypted: true })
  })
})
