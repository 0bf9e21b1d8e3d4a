import type { Commands } from '../src-shared/contract.ts'
import type { Failure } from '../src-shared/errors.ts'
import { fail, type Result } from '../src-shared/result.ts'
import { bridgeProblem, getBridge } from './bridge.ts'
import { wordsFor } from './failures.ts'
import { showToast } from './toasts.ts'

/** Runs a command; a bridge that breaks is a failure like any other. */
export async function call<Name extends keyof Commands>(
  name: Name,
  argument: Commands[Name]['arguments'],
): Promise<Result<Commands[Name]['result'], Failure>> {
  try {
    return await getBridge().call(name, argument)
  } catch (error) {
    return fail({ code: 'internal', details: { problem: bridgeProblem(error) } })
  }
}

/** Runs a command; a failure is told in a toast. */
export async function callOrTell<Name extends keyof Commands>(
  name: Name,
  argument: Commands[Name]['arguments'],
): Promise<Result<Commands[Name]['result'], Failure>> {
  const result = await call(name, argument)
  if (!result.ok && result.error.code !== 'cancelled') {
    const { what, next } = wordsFor(result.error)
    showToast(`${what} ${next}`, { tone: 'bad' })
  }
  return result
}
