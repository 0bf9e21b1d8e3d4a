import { shallowRef, type ShallowRef } from 'vue'
import type { Slices } from '../../src-shared/contract.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { bridgeProblem, getBridge } from '../bridge.ts'

/** What a view that waits for a slice needs to know of its mirror. */
export interface Mirrored {
  readonly value: unknown
  readonly problem: Failure | undefined
  readonly retry: () => void
}

export interface Mirror<Value> {
  /** Undefined until the first snapshot. */
  readonly value: ShallowRef<Value | undefined>
  /** Why there is no value; gone as soon as there is one. */
  readonly problem: ShallowRef<Failure | undefined>
  /** Asks once more. */
  readonly retry: () => void
}

/** After that, one who waits is told so; an answer is still taken. */
const patienceMs = 10_000

/** A read-only copy of a slice, from its first use on for as long as the window lives. */
export function mirror<Name extends keyof Slices>(name: Name): Mirror<Slices[Name]> {
  const value = shallowRef<Slices[Name] | undefined>()
  const problem = shallowRef<Failure>()
  const bridge = getBridge()
  let heard = false
  let asked = 0
  const take = (next: Slices[Name]) => {
    value.value = next
    problem.value = undefined
  }
  bridge.subscribe(name, (next) => {
    heard = true
    take(next)
  })

  const retry = () => {
    problem.value = undefined
    asked += 1
    const mine = asked
    const fail = (reason: string) => {
      if (mine !== asked || value.value !== undefined) return
      problem.value = { code: 'internal', details: { problem: reason } }
    }
    const timer = setTimeout(fail, patienceMs, 'no answer')
    bridge
      .snapshot(name)
      .then(
        (first) => {
          // A value that was heard before the snapshot came is newer than it.
          if (!heard) take(first)
        },
        (error: unknown) => {
          fail(bridgeProblem(error))
        },
      )
      .finally(() => {
        clearTimeout(timer)
      })
  }
  retry()
  return { value, problem, retry }
}
