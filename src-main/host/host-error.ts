import { VpnError } from '../../src-shared/errors.ts'

/** A step on this machine that failed: what was tried, how it ended, what it said. */
export class HostError extends VpnError {
  readonly step: string
  readonly argv: readonly string[]
  /** The exit status; null when it did not run, or was ended by a signal or our time limit. */
  readonly exit: number | null
  readonly stderr: string
  constructor(step: string, argv: readonly string[], exit: number | null, stderr: string) {
    super('host-step-failed', {
      step,
      command: argv.join(' '),
      exit: exit === null ? 'none' : String(exit),
      reason: stderr.trim().slice(0, 2_000),
    })
    this.name = 'HostError'
    this.step = step
    this.argv = argv
    this.exit = exit
    this.stderr = stderr
  }
}
