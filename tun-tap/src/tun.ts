/** TUN and TAP devices (Linux Documentation/networking/tuntap.rst). */
import { closeSync, constants, openSync } from 'node:fs'
import { TunTapError } from './errors.ts'
import { addressOf, arena, errno, errnoName, failure, sys, within } from './native.ts'
import { OFFLOAD_HEADER_LENGTH } from './offload.ts'
import { watchReadable, type Watch } from './readiness.ts'

const TUNSETIFF = 0x4004_54ca
const TUNSETPERSIST = 0x4004_54cb
const TUNSETOWNER = 0x4004_54cc
const IFF_TUN = 0x0001
const IFF_TAP = 0x0002
const IFF_NO_PI = 0x1000
const IFF_MULTI_QUEUE = 0x0100
const IFF_VNET_HDR = 0x4000
const TUNSETOFFLOAD = 0x4004_54d0
/** TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6, TUN_F_TSO_ECN; TUN_F_USO4 and TUN_F_USO6 since Linux 6.2. */
const OFFLOADS_TCP = 0x01 | 0x02 | 0x04 | 0x08
const OFFLOADS_UDP = 0x20 | 0x40
/** struct ifreq: name at 0, flags at 16. */
const IFREQ_LENGTH = 40
const IFREQ_FLAGS = 16
const IFNAMSIZ = 16

const EAGAIN = 11
const EINTR = 4

/** The longest packet or frame that the kernel passes without offloads. */
const MAXIMUM_LENGTH = 65_535 + 22
/** Packets taken in one turn of the event loop, so that timers and sockets get theirs. */
const BUDGET = 64

export interface TunOptions {
  /** The device to attach to, or to make; `tun%d` lets the kernel number it. At most 15 bytes. */
  readonly name: string
  /** `tun` (default) passes IP packets, `tap` Ethernet frames. */
  readonly mode?: 'tun' | 'tap'
  /** Must be as it was when the device was made. */
  readonly multiQueue?: boolean
  /** Opens it so that `setOffloads` may be used: each packet on the descriptor has an offload header in front. */
  readonly offload?: boolean
  /** Bytes kept free before and behind each packet given to the handler, for headers written in place. Default 0. */
  readonly headroom?: number
  readonly tailroom?: number
}

/** Gets a packet at `offset` in a buffer that is the handler's until it returns, headroom and tailroom included. */
export type TunPacketHandler = (buffer: Uint8Array, offset: number, length: number) => void

/** `refused`: the kernel did not take this packet (malformed, or the device is down). */
export type TunWriteOutcome = 'written' | 'would-block' | 'refused' | 'closed'

export interface TunDevice {
  /** As the kernel chose it. */
  readonly name: string
  readonly mode: 'tun' | 'tap'
  /** For whoever reads and writes in batches while there is no handler here; it stays this device's to close. */
  readonly descriptor: number
  /** Whether packets on the descriptor have an offload header. */
  readonly offload: boolean
  /**
   * What the kernel leaves to the reader of the descriptor and takes from its writer: segments together in one packet, and
   * checksums. A handler of `onPacket` wants `none`, which is how it begins.
   */
  setOffloads(wanted: 'none' | 'all'): 'none' | 'tcp' | 'tcp-udp'
  /** Reading starts with a handler and rests without one. */
  onPacket(handler: TunPacketHandler | undefined): void
  /** Called once when the device is gone; it is closed by then. */
  onError(handler: ((error: TunTapError) => void) | undefined): void
  /** Writes one packet; never throws for the kernel's answer. */
  write(buffer: Uint8Array, offset: number, length: number): TunWriteOutcome
  /** Whether the device outlives its last descriptor. Needs ownership, or CAP_NET_ADMIN. */
  setPersistent(persistent: boolean): void
  /** Who may attach without privilege. Needs CAP_NET_ADMIN. */
  setOwner(uid: number): void
  close(): void
}

const openControl = (): number => {
  try {
    return openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO'
    throw new TunTapError('open', code, '/dev/net/tun')
  }
}

const attach = (fd: number, options: TunOptions): string => {
  const request = arena(IFREQ_LENGTH)
  const name = new TextEncoder().encode(options.name)
  if (name.length === 0 || name.length >= IFNAMSIZ || /[/\s:]/.test(options.name))
    throw new TunTapError('TUNSETIFF', 'EINVAL', JSON.stringify(options.name))
  request.bytes.set(name)
  const flags =
    (options.mode === 'tap' ? IFF_TAP : IFF_TUN) |
    IFF_NO_PI |
    (options.multiQueue === true ? IFF_MULTI_QUEUE : 0) |
    (options.offload === true ? IFF_VNET_HDR : 0)
  request.view.setUint16(IFREQ_FLAGS, flags, true)
  if (sys.ioctl(fd, TUNSETIFF, request.address) < 0) throw failure('TUNSETIFF', options.name)
  const end = request.bytes.indexOf(0)
  return new TextDecoder().decode(request.bytes.subarray(0, end))
}

/** write(2), or writev(2) with an empty offload header in front. */
const prepareOutput = (headerLength: number): ((fd: number, address: number, length: number) => number) => {
  if (headerLength === 0) return (fd, address, length) => sys.write(fd, address, length)
  const parts = arena(2 * 16 + headerLength)
  const pointer = (at: number, value: number) => parts.view.setBigUint64(at, BigInt(value), true)
  pointer(0, parts.address + 32)
  pointer(8, headerLength)
  return (fd, address, length) => {
    pointer(16, address)
    pointer(24, length)
    return sys.writev(fd, parts.address, 2)
  }
}

/**
 * Opens a TUN or TAP device: attaches to one that was made for this user, or makes one when privileged (it then vanishes
 * with `close`, unless persistent). Throws TunTapError: `open` ENOENT or EACCES without a usable /dev/net/tun,
 * `TUNSETIFF` EPERM without the right, EBUSY when another process holds it, EINVAL when the mode differs.
 */
export const openTun = (options: TunOptions): TunDevice => {
  const fd = openControl()
  let name: string
  try {
    name = attach(fd, options)
  } catch (error) {
    closeSync(fd)
    throw error
  }

  const headerLength = options.offload === true ? OFFLOAD_HEADER_LENGTH : 0
  const headroom = Math.max(options.headroom ?? 0, headerLength)
  const slot = arena(headroom + MAXIMUM_LENGTH + (options.tailroom ?? 0))
  const readAt = slot.address + headroom - headerLength
  const output = prepareOutput(headerLength)
  let open = true
  let watch: Watch | undefined
  let packetHandler: TunPacketHandler | undefined
  let errorHandler: ((error: TunTapError) => void) | undefined

  const close = (): void => {
    if (!open) return
    open = false
    packetHandler = undefined
    watch?.close()
    closeSync(fd)
  }

  const drain = (): void => {
    for (let count = 0; count < BUDGET && packetHandler !== undefined; count += 1) {
      const length = sys.read(fd, readAt, headerLength + MAXIMUM_LENGTH)
      if (length > headerLength) {
        packetHandler(slot.bytes, headroom, length - headerLength)
        continue
      }
      const code = errno()
      if (length >= 0 || code === EAGAIN || code === EINTR) return
      // EBADFD: someone deleted the device. Nothing more will ever come.
      close()
      errorHandler?.(new TunTapError('read', errnoName(code), name))
      return
    }
  }

  const control = (operation: string, request: number, value: number): void => {
    if (!open) throw new TunTapError(operation, 'EBADF', name)
    if (sys.ioctl(fd, request, value) < 0) throw failure(operation, name)
  }

  return {
    name,
    mode: options.mode ?? 'tun',
    descriptor: fd,
    offload: options.offload === true,
    setOffloads(wanted) {
      if (!open || headerLength === 0) return 'none'
      const set = (value: number) => sys.ioctl(fd, TUNSETOFFLOAD, value) >= 0
      if (wanted === 'all' && set(OFFLOADS_TCP | OFFLOADS_UDP)) return 'tcp-udp'
      if (wanted === 'all' && set(OFFLOADS_TCP)) return 'tcp'
      set(0)
      return 'none'
    },
    onPacket(handler) {
      if (!open) return
      packetHandler = handler
      if (handler === undefined) {
        watch?.close()
        watch = undefined
      } else watch ??= watchReadable(fd, drain)
    },
    onError(handler) {
      errorHandler = handler
    },
    write(buffer, offset, length) {
      if (!open) return 'closed'
      if (!within(buffer, offset, length)) return 'refused'
      if (output(fd, addressOf(buffer) + offset, length) >= 0) return 'written'
      const code = errno()
      return code === EAGAIN || code === EINTR ? 'would-block' : 'refused'
    },
    setPersistent: (persistent) => control('TUNSETPERSIST', TUNSETPERSIST, persistent ? 1 : 0),
    setOwner: (uid) => control('TUNSETOWNER', TUNSETOWNER, uid),
    close,
  }
}
