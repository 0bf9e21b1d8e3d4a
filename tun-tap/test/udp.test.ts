import { afterEach, describe, expect, it } from 'vitest'
import { networkInterfaces } from 'node:os'
import { openUdp, type UdpSocket } from '../src/index.ts'

const opened: UdpSocket[] = []
const open = (...[options]: Parameters<typeof openUdp>) => {
  const socket = openUdp(options)
  opened.push(socket)
  return socket
}
afterEach(() => {
  for (const socket of opened.splice(0)) socket.close()
})

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some((entry) => entry.address === '::1'),
)
const families = [
  { family: 4 as const, address: '127.0.0.1' },
  ...(hasIpv6 ? [{ family: 6 as const, address: '::1' }] : []),
]

/** Gives the next `count` datagrams, copied. */
const receive = (socket: UdpSocket, count: number) =>
  new Promise<{ from: string; port: number; data: Uint8Array; trafficClass: number }[]>((resolve) => {
    const all: { from: string; port: number; data: Uint8Array; trafficClass: number }[] = []
    socket.onDatagram((from, buffer, offset, length, trafficClass) => {
      all.push({
        from: from.address,
        port: from.port,
        data: buffer.slice(offset, offset + length),
        trafficClass,
      })
      if (all.length === count) resolve(all)
    })
  })

describe.each(families)('UDP over IPv$family', ({ family, address }) => {
  it('carries a datagram, its sender and its traffic class', async () => {
    const a = open({ family, port: 0, address })
    const b = open({ family, port: 0 })
    const arrived = receive(b, 2)
    const to = { address, port: b.localPort }
    expect(a.send(to, Uint8Array.of(9, 1, 2, 3, 9), 1, 3, 0xb9)).toBe('sent')
    expect(a.send(to, Uint8Array.of(4), 0, 1)).toBe('sent')
    const [first, second] = await arrived
    expect(first).toEqual({
      from: address,
      port: a.localPort,
      data: Uint8Array.of(1, 2, 3),
      trafficClass: 0xb9,
    })
    expect(second).toEqual({ from: address, port: a.localPort, data: Uint8Array.of(4), trafficClass: 0 })
  })

  it('keeps order and content over more than one batch, of every size', async () => {
    const a = open({ family, port: 0, address })
    const b = open({ family, port: 0, address })
    const sizes = Array.from({ length: 70 }, (_, index) => 1 + ((index * 331) % 1_400))
    const arrived = receive(b, sizes.length)
    const to = { address, port: b.localPort }
    for (const [index, size] of sizes.entries())
      expect(a.send(to, new Uint8Array(size).fill(index), 0, size)).toBe('sent')
    const all = await arrived
    expect(all.map(({ data }) => data.length)).toEqual(sizes)
    expect(all.every(({ data }, index) => data.every((byte) => byte === index))).toBe(true)
  })

  it('carries the largest datagram and refuses a larger one', async () => {
    const a = open({ family, port: 0, address })
    const b = open({ family, port: 0, address })
    const largest = family === 4 ? 65_507 : 65_527
    const arrived = receive(b, 1)
    const bytes = new Uint8Array(70_000).fill(7)
    expect(a.send({ address, port: b.localPort }, bytes, 0, 70_000)).toBe('too-big')
    expect(a.send({ address, port: b.localPort }, bytes, 0, largest)).toBe('sent')
    const [datagram] = await arrived
    expect(datagram?.data.length).toBe(largest)
  })

  it('says which address of ours a peer sees', () => {
    const socket = open({ family, port: 0 })
    expect(socket.localAddressTowards({ address, port: 500 })).toBe(address)
  })

  it('names the reason when a port is taken', () => {
    const socket = open({ family, port: 0, address })
    expect(() => openUdp({ family, port: socket.localPort, address })).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE', operation: 'bind' }),
    )
  })
})

describe('a UDP socket', () => {
  it('never throws from send, whatever it is given', () => {
    const socket = open({ family: 4, port: 0, address: '127.0.0.1' })
    const bytes = new Uint8Array(4)
    expect(socket.send({ address: 'nonsense', port: 1 }, bytes, 0, 4)).toBe('failed')
    expect(socket.send({ address: '::1', port: 1 }, bytes, 0, 4)).toBe('failed')
    expect(socket.send({ address: '127.0.0.1', port: 1 }, bytes, 2, 4)).toBe('failed')
    expect(socket.send({ address: '127.0.0.1', port: 1 }, bytes, -1, 2)).toBe('failed')
    expect(socket.send({ address: '127.0.0.1', port: 1 }, bytes, 0, Number.NaN)).toBe('failed')
    socket.close()
    expect(socket.send({ address: '127.0.0.1', port: 1 }, bytes, 0, 4)).toBe('failed')
  })

  it('goes on hearing after a peer refused a datagram', async () => {
    const a = open({ family: 4, port: 0, address: '127.0.0.1' })
    const gone = openUdp({ family: 4, port: 0, address: '127.0.0.1' })
    gone.close()
    const arrived = receive(a, 1)
    a.send({ address: '127.0.0.1', port: gone.localPort }, Uint8Array.of(1), 0, 1)
    const b = open({ family: 4, port: 0, address: '127.0.0.1' })
    b.send({ address: '127.0.0.1', port: a.localPort }, Uint8Array.of(2), 0, 1)
    expect((await arrived)[0]?.data).toEqual(Uint8Array.of(2))
  })

  it('may be closed by its own handler in the middle of a batch', async () => {
    const a = open({ family: 4, port: 0, address: '127.0.0.1' })
    const b = open({ family: 4, port: 0, address: '127.0.0.1' })
    for (let index = 0; index < 5; index += 1)
      a.send({ address: '127.0.0.1', port: b.localPort }, Uint8Array.of(index), 0, 1)
    let heard = 0
    await new Promise<void>((resolve) => {
      b.onDatagram(() => {
        heard += 1
        b.close()
        setImmediate(() => setImmediate(resolve))
      })
    })
    expect(heard).toBe(1)
  })

  it('runs promises that its handler makes', async () => {
    const a = open({ family: 4, port: 0, address: '127.0.0.1' })
    const b = open({ family: 4, port: 0, address: '127.0.0.1' })
    const reached = new Promise<void>((resolve) => {
      b.onDatagram(() => void Promise.resolve().then(resolve))
    })
    a.send({ address: '127.0.0.1', port: b.localPort }, Uint8Array.of(1), 0, 1)
    await reached
  })
})
