/** An adapter made of two connected sockets of this process: packets with offload headers on a descriptor, without privilege. */
import koffi from 'koffi'
import type { DescribedTun } from '../../../src-main/host/fast/descriptors.ts'
import { splitSegments } from './split-segments.ts'

const AF_UNIX = 1
const SOCK_SEQPACKET = 5
const NONBLOCK_CLOEXEC = 0x8_0800
const HEADER = 10

const libc = koffi.load(null)
const socketpair = libc.func('int socketpair(int family, int type, int protocol, _Out_ int *pair)')
const read = libc.func('intptr_t read(int fd, _Out_ uint8_t *data, size_t length)')
const write = libc.func('intptr_t write(int fd, const uint8_t *data, size_t length)')
const close = libc.func('int close(int fd)')
const setsockopt = libc.func('int setsockopt(int fd, int level, int name, const int *value, uint32_t length)')

export interface PipeTun {
  readonly tun: DescribedTun
  /** Puts a packet before the plane, as the kernel would: `header` is empty for a whole packet. */
  inject(packet: Uint8Array, header?: Uint8Array): void
  /** What the plane wrote since, as it wrote it: header and packet. */
  take(): readonly Uint8Array[]
  /** The same, taken apart into the packets that the kernel would see. */
  takePackets(): readonly Uint8Array[]
  close(): void
}

export function openPipeTun(): PipeTun {
  const pair = [0, 0]
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | NONBLOCK_CLOEXEC, 0, pair) !== 0)
    throw new Error('socketpair failed')
  const [inner = -1, outer = -1] = pair
  for (const end of pair) {
    setsockopt(end, 1, 7, [8 * 1024 * 1024], 4)
    setsockopt(end, 1, 32, [8 * 1024 * 1024], 4)
  }
  const memory = new Uint8Array(65_536 + HEADER)
  const take = (): readonly Uint8Array[] => {
    const all: Uint8Array[] = []
    for (;;) {
      const length = Number(read(outer, memory, memory.length))
      if (length <= 0) return all
      all.push(memory.slice(0, length))
    }
  }
  return {
    tun: {
      name: 'pipe0',
      descriptor: inner,
      setOffloads: (wanted) => (wanted === 'all' ? 'tcp-udp' : 'none'),
      onPacket: () => undefined,
      write: () => false,
      close: () => undefined,
    },
    inject(packet, header = new Uint8Array(HEADER)) {
      const bytes = Uint8Array.from([...header, ...packet])
      if (Number(write(outer, bytes, bytes.length)) !== bytes.length) throw new Error('the pipe is full')
    },
    take,
    takePackets: () => take().flatMap((one) => splitSegments(one.subarray(0, HEADER), one.subarray(HEADER))),
    close() {
      close(inner)
      close(outer)
    },
  }
}
