import { afterEach, describe, expect, it } from 'vitest'
import {
  createOffloadHeader,
  readOffloadHeader,
  writePlainHeader,
  writeSegmentsHeader,
} from '../src/offload.ts'
import { createPacketArena } from '../src/arena.ts'
import { createUdpBatchReceiver } from '../src/udp-batch-receiver.ts'
import { createUdpBatchSender } from '../src/udp-batch-sender.ts'
import { openUdp } from '../src/udp.ts'
import type { UdpSocket } from '../src/udp.ts'
import { createBell, createWaiter } from '../src/waiter.ts'
import { loadLibrary } from '../src/native.ts'
import { TunTapError } from '../src/errors.ts'

describe('the packet arena', () => {
  it('gives regions side by side, aligned, until it is used up', () => {
    const arena = createPacketArena(4096)
    const regions = [arena.region(1), arena.region(100), arena.region(64)]
    expect(regions.every((offset) => arena.at(offset, 1) % 64 === 0)).toBe(true)
    expect(new Set(regions).size).toBe(3)
    expect(() => arena.region(4096)).toThrow('used up')
    expect(() => arena.region(0)).toThrow(RangeError)
  })

  it.each([
    [-1, 1],
    [0, 1e9],
    [5000, 1],
    [Number.NaN, 1],
    [0, -1],
    [0, Number.NaN],
  ])('gives no address of what lies outside: %s, %s', (offset, length) => {
    expect(() => createPacketArena(4096).at(offset, length)).toThrow(RangeError)
  })

  it('sees what was written behind a region, or before it', () => {
    for (const shift of [-1, 64]) {
      const arena = createPacketArena(4096, { guarded: true })
      const region = arena.region(64)
      arena.bytes.fill(1, region, region + 64)
      arena.checkGuards()
      arena.bytes[region + shift] = 0
      expect(() => arena.checkGuards()).toThrow('overrun')
    }
  })

  it('may lie in memory that is there already', () => {
    const memory = new ArrayBuffer(8192)
    const arena = createPacketArena(4096, { memory })
    expect(arena.bytes.buffer).toBe(memory)
    expect(() => arena.at(8192, 1)).toThrow(RangeError)
  })
})

describe('the offload header', () => {
  const bytes = new Uint8Array(10)
  const view = new DataView(bytes.buffer)
  const header = createOffloadHeader()

  it.each(['tcp4', 'tcp6', 'udp'] as const)('is read as it was written: %s', (kind) => {
    writeSegmentsHeader(view, 0, kind, 54, 1400, 20, 16)
    expect(readOffloadHeader(view, 0, header)).toBe(true)
    expect(header).toEqual({ kind, segmentSize: 1400, checksumStart: 20, checksumOffset: 16 })
  })

  it('says that a whole packet leaves nothing to do', () => {
    writePlainHeader(view, 0, false)
    expect(readOffloadHeader(view, 0, header)).toBe(true)
    expect(header).toEqual({ kind: 'none', segmentSize: 0, checksumStart: 0, checksumOffset: 0 })
    expect([...bytes]).toEqual(new Array(10).fill(0))
  })

  it('is refused with an unknown kind, or segments of no length', () => {
    writeSegmentsHeader(view, 0, 'tcp4', 54, 0, 20, 16)
    expect(readOffloadHeader(view, 0, header)).toBe(false)
    bytes[1] = 3
    expect(readOffloadHeader(view, 0, header)).toBe(false)
  })
})

describe.each([4, 6] as const)('UDP in batches over IPv%s', (family) => {
  const address = family === 4 ? '127.0.0.1' : '::1'
  const sockets: UdpSocket[] = []
  const open = () => {
    const socket = openUdp({ family, port: 0, address })
    sockets.push(socket)
    return socket
  }
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close()
  })

  interface Got {
    readonly port: number
    readonly text: string
    readonly trafficClass: number
  }

  function world(burst: number) {
    const arena = createPacketArena(4 * 1024 * 1024, { guarded: true })
    const [from, to] = [open(), open()]
    const failures: unknown[] = []
    const sender = createUdpBatchSender(
      arena,
      { descriptor: from.descriptor, family, batch: 4, burst },
      (...failure) => failures.push(failure),
    )
    const receiver = createUdpBatchReceiver(arena, { descriptor: to.descriptor, family, batch: 4 })
    const data = arena.region(256 * 1024)
    const receive = (): readonly Got[] => {
      const all: Got[] = []
      const take = (
        peer: { readonly port: number },
        offset: number,
        length: number,
        trafficClass: number,
      ) => {
        const text = Buffer.from(arena.bytes.subarray(offset, offset + length)).toString('latin1')
        all.push({ port: peer.port, text, trafficClass })
      }
      while (receiver.receive(take));
      receiver.receive(take)
      arena.checkGuards()
      return all
    }
    return { arena, from, to, sender, data, receive, failures, target: { address, port: to.localPort } }
  }

  it.each([
    ['together', 64, true],
    ['together, received apart', 64, false],
    ['in short bursts', 3, true],
    ['one by one', 1, true],
  ] as const)('passes datagrams of every length, with their traffic class: %s', (_, burst, together) => {
    const { arena, from, to, sender, data, receive, target, failures } = world(burst)
    expect(to.setReceiveOffload(together)).toBe(true)
    const lengths = [100, 100, 100, 100, 60, 100, 1, 1400, 1400, 1400, 700, 9000]
    const sent: Got[] = []
    let at = data
    for (const [index, length] of lengths.entries()) {
      const text = String.fromCharCode(97 + index).repeat(length)
      arena.bytes.set(Buffer.from(text, 'latin1'), at)
      const trafficClass = index < 7 ? 0xb8 : 0
      expect(sender.add(target, at, length, trafficClass)).toBe(true)
      sent.push({ port: from.localPort, text, trafficClass })
      at += length
    }
    sender.flush()
    expect(receive()).toEqual(sent)
    expect(failures).toEqual([])
  })

  it('sends what does not lie side by side too, to several peers', () => {
    const { arena, sender, data, receive, target } = world(64)
    const other = open()
    for (let index = 0; index < 9; index += 1) {
      const at = data + index * 200
      arena.bytes.fill(65 + index, at, at + 100)
      sender.add(index % 3 === 2 ? { address, port: other.localPort } : target, at, 100, 0)
    }
    sender.flush()
    expect(
      receive()
        .map(({ text }) => text[0])
        .join(''),
    ).toBe('ABDEGH')
  })

  it('tells how many datagrams did not leave, and goes on', () => {
    const { sender, data, receive, target, failures } = world(64)
    expect(sender.add({ address: 'nowhere', port: 1 }, data, 10, 0)).toBe(false)
    sender.add({ address, port: 0 }, data, 100, 0)
    sender.add(target, data, 100, 0)
    sender.flush()
    expect(failures).toEqual([['failed', 1, 100]])
    expect(receive()).toHaveLength(1)
  })
})

describe('the bell', () => {
  it('ends a wait, also one that begins later, once', () => {
    const bell = createBell()
    const wait = createWaiter(bell.descriptor)
    bell.ring()
    const start = performance.now()
    wait([], 5000)
    expect(performance.now() - start).toBeLessThan(4000)
    const again = performance.now()
    wait([], 30)
    expect(performance.now() - again).toBeGreaterThan(20)
    bell.close()
  })
})

describe('a library', () => {
  it('that is not there is said so, and so is a function', () => {
    expect(() => loadLibrary('libnothing-of-the-kind.so.9', { deep: false })).toThrow(TunTapError)
    const find = loadLibrary('libc.so.6', { deep: true })
    expect(() => find('int no_such_function_anywhere(int value)')).toThrow(TunTapError)
    expect(find('int abs(int value)')(-7)).toBe(7)
  })
})
