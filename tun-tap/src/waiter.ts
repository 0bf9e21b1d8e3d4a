/** Waiting for descriptors in a thread that has nothing else to do: poll(2), and eventfd(2) to wake it. */
import { arena, failure, sys } from './native.ts'

const EFD_CLOEXEC = 0x8_0000
const EFD_NONBLOCK = 0x800
const POLLIN = 1
/** struct pollfd: descriptor 4, events 2, what occurred 2. */
const POLLFD_LENGTH = 8

/** An eventfd: any thread of the process may wake, one waits. */
export interface Bell {
  readonly descriptor: number
  ring(): void
  close(): void
}

export const createBell = (): Bell => {
  const descriptor = sys.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)
  if (descriptor < 0) throw failure('eventfd')
  const one = arena(8)
  one.view.setBigUint64(0, 1n, true)
  return {
    descriptor,
    ring: () => void sys.write(descriptor, one.address, 8),
    close: () => void sys.close(descriptor),
  }
}

/** Waits for any of the descriptors to be readable, for at most so long; not at all when the bell has rung since the last time. */
export type Waiter = (descriptors: readonly number[], timeoutMs: number) => void

/** `bell` is an eventfd, which is silenced by waiting. At most 63 other descriptors are looked at. */
export const createWaiter = (bell: number): Waiter => {
  const memory = arena(64 * POLLFD_LENGTH + 8)
  const counter = memory.address + 64 * POLLFD_LENGTH
  const set = (index: number, descriptor: number): void => {
    memory.view.setInt32(index * POLLFD_LENGTH, descriptor, true)
    memory.view.setInt32(index * POLLFD_LENGTH + 4, POLLIN, true)
  }
  return (descriptors, timeoutMs) => {
    set(0, bell)
    const count = Math.min(descriptors.length, 63)
    for (let index = 0; index < count; index += 1) set(index + 1, descriptors[index] ?? -1)
    sys.poll(memory.address, count + 1, timeoutMs)
    if ((memory.view.getInt16(6, true) & POLLIN) !== 0) sys.read(bell, counter, 8)
  }
}
