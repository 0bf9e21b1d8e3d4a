/**
 * The only place that touches native code and raw addresses: libc through koffi, and memory whose address is known.
 *
 * Memory of an ArrayBuffer lies outside V8's heap and does not move while the ArrayBuffer lives, so its address may be
 * kept as a number; whoever keeps the address keeps the ArrayBuffer too.
 */
import { arch, endianness } from 'node:os'
import koffi from 'koffi'
import { TunTapError } from './errors.ts'

/** Architectures whose structures and ioctl numbers are the ones written in this package: 64 bits, little endian. */
const knownArchitectures = ['x64', 'arm64', 'riscv64', 'loong64']
if (process.platform !== 'linux' || !knownArchitectures.includes(arch()) || endianness() !== 'LE')
  throw new TunTapError('load', 'ENOTSUP', `${process.platform} ${arch()}`)

// The process itself: its C library is already loaded, whatever that library's file is called.
const libc = koffi.load(null)

type Pointer = number

/** libc, as it is declared in its manual pages; pointers are numbers, -1 means failure and `errno()` says why. */
export const sys: {
  socket(family: number, type: number, protocol: number): number
  bind(fd: number, address: Pointer, length: number): number
  getsockname(fd: number, address: Pointer, length: Pointer): number
  setsockopt(fd: number, level: number, name: number, value: Pointer, length: number): number
  sendmsg(fd: number, message: Pointer, flags: number): number
  recvmmsg(fd: number, messages: Pointer, count: number, flags: number, timeout: Pointer): number
  send(fd: number, data: Pointer, length: number, flags: number): number
  recv(fd: number, data: Pointer, length: number, flags: number): number
  read(fd: number, data: Pointer, length: number): number
  write(fd: number, data: Pointer, length: number): number
  close(fd: number): number
  ioctl(fd: number, request: number, argument: Pointer): number
  if_nametoindex(name: string): number
  poll(descriptors: Pointer, count: number, timeoutMs: number): number
  writev(fd: number, parts: Pointer, count: number): number
  sendmmsg(fd: number, messages: Pointer, count: number, flags: number): number
  eventfd(initial: number, flags: number): number
} = {
  socket: libc.func('int socket(int family, int type, int protocol)'),
  bind: libc.func('int bind(int fd, uintptr_t address, uint32_t length)'),
  getsockname: libc.func('int getsockname(int fd, uintptr_t address, uintptr_t length)'),
  setsockopt: libc.func('int setsockopt(int fd, int level, int name, uintptr_t value, uint32_t length)'),
  sendmsg: libc.func('intptr_t sendmsg(int fd, uintptr_t message, int flags)'),
  recvmmsg: libc.func(
    'int recvmmsg(int fd, uintptr_t messages, unsigned int count, int flags, uintptr_t timeout)',
  ),
  send: libc.func('intptr_t send(int fd, uintptr_t data, size_t length, int flags)'),
  recv: libc.func('intptr_t recv(int fd, uintptr_t data, size_t length, int flags)'),
  read: libc.func('intptr_t read(int fd, uintptr_t data, size_t length)'),
  write: libc.func('intptr_t write(int fd, uintptr_t data, size_t length)'),
  close: libc.func('int close(int fd)'),
  // Variadic in C; on the architectures above an integer third argument travels the same way in both conventions.
  ioctl: libc.func('int ioctl(int fd, unsigned long request, uintptr_t argument)'),
  if_nametoindex: libc.func('unsigned int if_nametoindex(const char *name)'),
  poll: libc.func('int poll(uintptr_t descriptors, unsigned long count, int timeout)'),
  writev: libc.func('intptr_t writev(int fd, uintptr_t parts, int count)'),
  sendmmsg: libc.func('int sendmmsg(int fd, uintptr_t messages, unsigned int count, int flags)'),
  eventfd: libc.func('int eventfd(unsigned int initial, int flags)'),
}

/** A function of a native library; pointers are what `PacketArena.at` gives. */
export type NativeFunction = (...values: readonly (number | string)[]) => number

/**
 * Loads a library by its file name and gives a way to its functions by their C declarations, with pointers as `uintptr_t`.
 * `deep` binds its symbols to itself first (RTLD_DEEPBIND): Node carries an OpenSSL of its own under the same names.
 * Throws TunTapError when there is none of that name, or no such function in it.
 */
export const loadLibrary = (
  file: string,
  { deep }: { readonly deep: boolean },
): ((declaration: string) => NativeFunction) => {
  const attempt = <Value>(operation: string, task: () => Value): Value => {
    try {
      return task()
    } catch (error) {
      throw new TunTapError(operation, 'ENOENT', error instanceof Error ? error.message : file)
    }
  }
  const library = attempt('dlopen', () => koffi.load(file, { deep }))
  return (declaration) => attempt('dlsym', (): NativeFunction => library.func(declaration))
}

const names = new Map(Object.entries(koffi.os.errno).map(([name, value]) => [value, name]))
// Aliases on Linux: the name that manual pages use wins.
names.set(11, 'EAGAIN')
names.set(95, 'EOPNOTSUPP')

/** The number that the last failed call left. */
export const errno = (): number => koffi.errno()
export const errnoName = (value: number): string => names.get(value) ?? `ERRNO_${value}`

export const failure = (operation: string, detail?: string): TunTapError =>
  new TunTapError(operation, errnoName(errno()), detail)

/** Memory with a known address. */
export interface Arena {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly address: Pointer
}

export const arena = (length: number): Arena => arenaOver(new ArrayBuffer(length))

/** The memory must stay where it is: no resizing, no transfer. */
export const arenaOver = (memory: ArrayBuffer): Arena => {
  const bytes = new Uint8Array(memory)
  return { bytes, view: new DataView(memory), address: Number(koffi.address(bytes)) }
}

const addresses = new WeakMap<ArrayBufferLike, Pointer>()

/**
 * The address of a view's first byte, good as long as the view's memory is neither freed nor transferred.
 * Reading `.buffer` moves a small typed array out of V8's heap first, so that its memory keeps still from then on.
 */
export const addressOf = (view: Uint8Array): Pointer => {
  const memory = view.buffer
  let base = addresses.get(memory)
  if (base === undefined) {
    base = Number(koffi.address(new Uint8Array(memory)))
    addresses.set(memory, base)
  }
  return base + view.byteOffset
}

/** Whether `length` bytes at `offset` lie inside the view: the check before any address is handed to the kernel. */
export const within = (view: Uint8Array, offset: number, length: number): boolean =>
  offset >= 0 &&
  length > 0 &&
  Number.isInteger(offset) &&
  Number.isInteger(length) &&
  offset + length <= view.byteLength

/** Tells libuv to watch the descriptor; the callback's first argument is its status, negative for an error. */
export const pollReadable = (fd: number, callback: (status: unknown) => void): { close(): void } =>
  koffi.node.poll(fd, { readable: true }, callback)
