/** Tells a failure on the terminal: one sentence, the next step, and the exit code. */
import { errorWords } from '../../src-shared/error-words.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { exitCodeOf } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

/** Writes it to standard error and gives the exit code. */
export function tellFailure(terminal: Terminal, failure: Failure): number {
  const { what, next } = errorWords(failure)
  terminal.err(`${terminal.tintErr('bad', '✗')} ${terminal.tintErr('strong', what)}`)
  terminal.err(`  ${next}`)
  return exitCodeOf(failure.code)
}

/** Whoever asked for the kill switch is told that it holds on. */
export function tellHolding(terminal: Terminal): void {
  terminal.err(`${terminal.tintErr('busy', '!')} The kill switch holds: nothing leaves this machine.`)
  terminal.err('  Connect again, or let everything out with `culvert release`.')
}

/** The failure that an error is; anything but a VpnError is a bug. */
export const failureOf = (error: unknown): Failure =>
  error instanceof VpnError
    ? error.failure
    : { code: 'internal', details: { problem: error instanceof Error ? error.message : String(error) } }
