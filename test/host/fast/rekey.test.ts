/** 24 rekeys while packets pass without a pause: none is lost, none comes twice, none out of order. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  gcm,
  installInbound,
  installTunnel,
  leftIpv4,
  outboundParameters,
} from '../../contracts/data-plane.contract.ts'
import { udpPacket } from '../../fakes/packets.ts'
import { closeWarmPlanes } from './warm-planes.ts'
import { bundleWorker } from './bundled-worker.ts'
import type { Bundled } from './bundled-worker.ts'
import { openFastPair } from './fast-pair.ts'
import type { FastPair } from './fast-pair.ts'

describe('rekeying during a transfer', () => {
  let worker: Bundled
  let pair: FastPair
  beforeEach(async () => {
    worker = await bundleWorker()
    pair = await openFastPair({ workerPath: worker.path, providers: ['ipsec-mb', 'libcrypto', 'node'] })
  })
  afterEach(async () => {
    await pair.close()
    closeWarmPlanes()
    worker.remove()
  })

  it('loses nothing', async () => {
    const suite = { ...gcm, extendedSequenceNumbers: true }
    let current = installTunnel(pair, { suite, spi: 0x1000 })
    let sent = 0
    const send = (count: number): void => {
      for (let index = 0; index < count; index += 1) {
        pair.left.inject(udpPacket({ ...leftIpv4, sourcePort: (sent += 1), length: 600 }))
      }
    }
    for (let rekey = 1; rekey <= 24; rekey += 1) {
      send(20)
      const spi = 0x1000 + rekey * 16
      const fresh = installInbound(pair, { suite, spi })
      send(20)
      const [left, right] = outboundParameters(pair, { suite, spi })
      const leftOut = pair.left.plane.replaceOutbound(current.leftOut, left)
      send(20)
      const rightOut = pair.right.plane.replaceOutbound(current.rightOut, right)
      // What is under way under the old SA arrives before it is removed (RFC 7296 section 2.8).
      await pair.settle()
      pair.left.plane.remove(current.leftIn)
      pair.right.plane.remove(current.rightIn)
      current = { ...fresh, leftOut, rightOut }
      send(20)
    }
    await pair.settle()
    const order = pair.right.received.map((packet) => Buffer.from(packet).readUInt16BE(20))
    expect(order).toEqual(Array.from({ length: sent }, (_, index) => index + 1))
    expect(pair.left.plane.statistics().drops).toEqual({})
    expect(pair.right.plane.statistics().drops).toEqual({})
    expect(pair.right.plane.statistics().sas).toHaveLength(2)
  }, 60_000)

  it('keeps its memory when SAs come and go by the thousand', () => {
    for (let count = 0; count < 2500; count += 1) {
      const { leftIn, rightIn } = installInbound(pair, { spi: 0x4000 })
      pair.left.plane.remove(leftIn)
      pair.right.plane.remove(rightIn)
    }
    expect(pair.left.plane.statistics().sas).toEqual([])
  }, 60_000)
})
