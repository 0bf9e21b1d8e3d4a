/** What a kernel makes of a packet with an offload header, done the plain way and apart from the code under test. */
import { plainChecksum } from '../../fakes/packets.ts'

const KINDS: ReadonlyMap<number, 'none' | 'tcp' | 'udp'> = new Map([
  [0, 'none'],
  [1, 'tcp'],
  [4, 'tcp'],
  [5, 'udp'],
])

export function splitSegments(header: Uint8Array, packet: Uint8Array): readonly Uint8Array[] {
  const about = new DataView(header.buffer, header.byteOffset, header.length)
  const kind = KINDS.get(about.getUint8(1))
  if (kind === undefined) throw new Error(`unknown kind of segments: ${about.getUint8(1)}`)
  const [flags, size, start] = [about.getUint8(0), about.getUint16(4, true), about.getUint16(6, true)]
  const field = start + about.getUint16(8, true)
  if (kind === 'none')
    return [(flags & 1) === 0 ? packet.slice() : withChecksum(packet.slice(), start, field)]
  const headers = start + (kind === 'udp' ? 8 : ((packet[start + 12] ?? 0) >> 4) * 4)
  if (about.getUint16(2, true) !== headers) throw new Error('the header length is wrong')
  const count = Math.ceil((packet.length - headers) / size)
  return Array.from({ length: count }, (_, index) => {
    const payload = packet.subarray(headers + index * size, headers + (index + 1) * size)
    const one = Uint8Array.from([...packet.subarray(0, headers), ...payload])
    return withChecksum(ownHeaders(one, kind, start, index, size, index === count - 1), start, field)
  })
}

function ownHeaders(
  one: Uint8Array,
  kind: 'tcp' | 'udp',
  start: number,
  index: number,
  size: number,
  isLast: boolean,
): Uint8Array {
  const view = new DataView(one.buffer)
  if (one[0] === undefined || one[0] >> 4 === 6) view.setUint16(4, one.length - 40)
  else {
    view.setUint16(2, one.length)
    view.setUint16(4, (view.getUint16(4) + index) & 0xffff)
    view.setUint16(10, 0)
    view.setUint16(10, plainChecksum(one.subarray(0, start)))
  }
  if (kind === 'udp') view.setUint16(start + 4, one.length - start)
  else {
    view.setUint32(start + 4, (view.getUint32(start + 4) + index * size) >>> 0)
    if (!isLast) view.setUint8(start + 13, view.getUint8(start + 13) & ~0x09)
  }
  return one
}

/** The whole checksum, made anew. */
function withChecksum(one: Uint8Array, start: number, field: number): Uint8Array {
  const view = new DataView(one.buffer)
  const isIpv4 = (one[0] ?? 0) >> 4 === 4
  const protocol = isIpv4 ? (one[9] ?? 0) : (one[6] ?? 0)
  const length = one.length - start
  view.setUint16(field, 0)
  const pseudo = Uint8Array.from([
    ...one.subarray(isIpv4 ? 12 : 8, isIpv4 ? 20 : 40),
    0,
    protocol,
    length >> 8,
    length & 255,
  ])
  const sum = plainChecksum(pseudo, one.subarray(start))
  view.setUint16(field, protocol === 17 && sum === 0 ? 0xffff : sum)
  return one
}
