import { pollReadable } from './native.ts'

export interface Watch {
  close(): void
}

/**
 * Calls `drain` whenever the descriptor is readable, once a turn of the event loop, inside an ordinary task, so that
 * promises and exceptions in it behave as everywhere. It is level-triggered: what `drain` leaves comes in the next turn.
 * libuv's own epoll does the waiting: no thread, no CPU while idle; the process stays alive as long as the watch is open.
 */
export const watchReadable = (fd: number, drain: () => void): Watch => {
  let open = true
  let pending = false
  let handle = pollReadable(fd, ready)

  function ready(status: unknown): void {
    // libuv stops watching when the descriptor reports an error condition; after `drain` has taken it, watch again.
    const stopped = typeof status === 'number' && status < 0
    if (pending) return
    pending = true
    setImmediate(() => {
      pending = false
      if (!open) return
      try {
        drain()
      } finally {
        if (stopped && isOpen()) {
          handle.close()
          handle = pollReadable(fd, ready)
        }
      }
    })
  }

  // `drain` may close the watch; a function, so that no narrowing of `open` outlives the call.
  const isOpen = (): boolean => open

  return {
    close() {
      if (!open) return
      open = false
      handle.close()
    },
  }
}
