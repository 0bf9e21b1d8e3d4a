/** Tells a connection's way to its end as it happens: in words for a person, or one JSON object a line for a program. */
import type { ConnectingPhase } from '../../src-shared/connection-state.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import { errorWords } from '../../src-shared/error-words.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { exitCodeOf } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'
import { causeWords, phaseWords, stateKey } from '../app/state-words.ts'
import { endpointWords, shortSuiteWords, waitWords } from './words.ts'

export interface Reporter {
  /** Called with each new status; tells what has changed. */
  changed(status: ConnectionStatus): void
  /** Clears what is on the way, before something else is written or asked. Its time is not counted until the next `resume`. */
  pause(): void
  resume(): void
}

/** Calls through only when the state is another than the last time. */
const onChangeOfState = (tell: (status: ConnectionStatus) => void): ((status: ConnectionStatus) => void) => {
  // Before it begins it is not connected, which is no news.
  let last = 'disconnected'
  return (status) => {
    const key = stateKey(status.state)
    if (key === last) return
    last = key
    tell(status)
  }
}

/** One JSON object a line; docs/cli.md documents its fields. */
export function jsonReporter(terminal: Terminal, now: () => number): Reporter {
  return {
    changed: onChangeOfState((status) => terminal.out(JSON.stringify(stateObject(status, now())))),
    pause: () => undefined,
    resume: () => undefined,
  }
}

const failureObject = (failure: Failure): object => ({
  ...failure,
  ...errorWords(failure),
  exitCode: exitCodeOf(failure.code),
})

/** The line of a failure that came before there was a connection. */
export const failedObject = (failure: Failure, at: number): object => ({
  at,
  state: 'failed',
  failure: failureObject(failure),
})

function stateObject(status: ConnectionStatus, at: number): object {
  const {
    state,
    profileId,
    profileName,
    gateway,
    virtualAddresses,
    dns,
    interfaceName,
    mtu,
    dataPlane,
    ikeSas,
  } = status
  const stands = state.kind === 'connected'
  return {
    at,
    profile: profileName,
    profileId,
    state: state.kind,
    ...('phase' in state ? { phase: state.phase } : {}),
    ...(state.kind === 'reconnecting' ? { cause: state.cause, attempt: state.attempt } : {}),
    ...(state.kind === 'failed' ? { failure: failureObject(state.failure) } : {}),
    ...(gateway === undefined ? {} : { gateway }),
    ...(stands ? { interface: interfaceName, mtu, dataPlane, virtualAddresses, dns, ikeSas } : {}),
  }
}

const NAME_WIDTH = Math.max(...Object.values(phaseWords).map((words) => words.length))

/** Phases as they pass, and one line when connected. */
export function humanReporter(terminal: Terminal, now: () => number): Reporter {
  let began = now()
  let paused: number | undefined
  let phase: { readonly name: ConnectingPhase; readonly since: number } | undefined

  const show = () => {
    if (phase !== undefined) terminal.passing(`  ${terminal.tint('busy', '…')} ${phaseWords[phase.name]}`)
  }
  const endPhase = (passed: boolean, detail: string) => {
    if (phase === undefined) return
    const mark = passed ? terminal.tint('ok', '✓') : terminal.tint('bad', '✗')
    const time = terminal.tint('faint', waitWords(now() - phase.since).padStart(7))
    terminal.out(
      `  ${mark} ${phaseWords[phase.name].padEnd(NAME_WIDTH)}  ${time}${detail === '' ? '' : `  ${detail}`}`,
    )
    phase = undefined
  }
  const enterPhase = (name: ConnectingPhase | undefined, status: ConnectionStatus) => {
    endPhase(true, phaseDetail(phase?.name, status))
    phase = name === undefined ? undefined : { name, since: now() }
    show()
  }

  return {
    pause() {
      paused ??= now()
      terminal.passing('')
    },
    resume() {
      // A person thought and typed meanwhile: that is not how long the gateway took.
      const away = paused === undefined ? 0 : now() - paused
      paused = undefined
      began += away
      if (phase !== undefined) phase = { ...phase, since: phase.since + away }
      show()
    },
    changed: onChangeOfState((status) => {
      const { state, profileName } = status
      switch (state.kind) {
        case 'disconnected':
          terminal.passing('')
          terminal.out('Disconnected.')
          break
        case 'connecting':
          if (phase === undefined) terminal.out(terminal.tint('strong', profileName))
          enterPhase(state.phase, status)
          break
        case 'connected':
          enterPhase(undefined, status)
          terminal.out(connectedLine(terminal, status, now() - began))
          break
        case 'reconnecting':
          if (state.phase === undefined) {
            terminal.out(
              `${terminal.tint('busy', '↻')} Reconnecting: ${causeWords[state.cause]}${state.attempt > 1 ? ` (attempt ${state.attempt})` : ''}`,
            )
          } else enterPhase(state.phase, status)
          break
        case 'disconnecting':
          phase = undefined
          terminal.passing('Disconnecting …')
          break
        case 'failed':
          endPhase(false, '')
          break
      }
    }),
  }
}

/** What a phase has found out. */
function phaseDetail(
  phase: ConnectingPhase | undefined,
  { gateway, ikeSas, virtualAddresses }: ConnectionStatus,
): string {
  const [ike] = ikeSas
  switch (phase) {
    case undefined:
      return ''
    case 'resolving':
      return gateway === undefined ? '' : endpointWords(gateway.address, gateway.port)
    case 'negotiating':
      return ike === undefined ? '' : shortSuiteWords(ike.suite)
    case 'authenticating':
      return ike?.remoteIdentity ?? ''
    case 'configuring':
      return virtualAddresses.join(', ')
  }
}

function connectedLine(
  terminal: Terminal,
  { profileName, virtualAddresses, ikeSas }: ConnectionStatus,
  ms: number,
): string {
  const [ike] = ikeSas
  const address = virtualAddresses.length === 0 ? '' : ` as ${virtualAddresses.join(' and ')}`
  const suite = ike === undefined ? '' : `${shortSuiteWords(ike.suite)}, `
  return `${terminal.tint('ok', 'Connected')} to ${terminal.tint('strong', profileName)}${address} (${suite}${waitWords(ms)})`
}
