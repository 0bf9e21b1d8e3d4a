/** Tells senders inside what fits through the tunnel, at a bounded rate (RFC 4301 section 8.2, RFC 4443 section 2.4 (f)). */
import { LONGEST_ANSWER, mayAnswer, writeTooBig } from '../ip/icmp.ts'
import type { PacketView } from '../ip/packet.ts'
import type { PlaneState } from './plane-state.ts'

/** A token bucket: this many at once, then one each interval. */
const BURST = 50
const INTERVAL_MS = 10

export type TooBigAnswerer = (buffer: Uint8Array, offset: number, view: PacketView, mtu: number) => void

export function createTooBigAnswerer(state: PlaneState): TooBigAnswerer {
  const answer = new Uint8Array(LONGEST_ANSWER)
  let tokens = BURST
  let countedAt = state.clock.monotonic()

  const takeToken = (): boolean => {
    const now = state.clock.monotonic()
    tokens = Math.min(BURST, tokens + (now - countedAt) / INTERVAL_MS)
    countedAt = now
    if (tokens < 1) return false
    tokens -= 1
    return true
  }

  return (buffer, offset, view, mtu) => {
    if (!mayAnswer(view) || !takeToken()) return
    const length = writeTooBig(buffer, offset, view, mtu, answer)
    if (state.tun?.write(answer, 0, length) === true) state.tooBigAnswers += 1
  }
}
