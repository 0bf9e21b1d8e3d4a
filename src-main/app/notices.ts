/** Bugs and troubles that no connection owns: each is shown once, until the person has seen it. */
import type { Notice } from '../../src-shared/contract.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Log } from '../ports.ts'
import type { Slice } from './slice.ts'
import { createSlice } from './slice.ts'

/** Nobody reads more; the oldest goes first. */
const LIMIT = 20

export interface Notices {
  readonly slice: Slice<readonly Notice[]>
  /** Shows a failure, unless the same one stands there already. */
  add(failure: Failure): void
  /** What nobody caught: its failure where it has one; of a bug, one sentence for the person and the stack for the log. */
  caught(error: unknown, where: string): void
  dismiss(id: number): void
}

export function createNotices(log: Log, now: () => number): Notices {
  const slice = createSlice<readonly Notice[]>([])
  let nextId = 1
  const add = (failure: Failure) => {
    const isThere = slice.read().some((notice) => sameFailure(notice.failure, failure))
    if (!isThere) slice.write([...slice.read(), { id: nextId++, at: now(), failure }].slice(-LIMIT))
  }
  return {
    slice,
    add,
    caught(error, where) {
      if (error instanceof VpnError) {
        log('warn', where, 'A failure that nobody waited for', { code: error.code, ...error.details })
        add(error.failure)
        return
      }
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
      log('error', where, 'An error that nobody expected', { stack })
      add({ code: 'internal', details: {} })
    },
    dismiss: (id) => slice.write(slice.read().filter((notice) => notice.id !== id)),
  }
}

const sameFailure = (a: Failure, b: Failure): boolean =>
  a.code === b.code && JSON.stringify(a.details) === JSON.stringify(b.details)
