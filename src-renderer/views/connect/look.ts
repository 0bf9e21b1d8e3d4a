/** How a connection's state looks and what the one control does; pure. */
import type { ConnectingPhase, ConnectionState } from '../../../src-shared/connection-state.ts'
import type { ConnectionStatus } from '../../../src-shared/status.ts'
import type { ArchState } from '../../ui/arch-state.ts'
import type { Tone } from '../../ui/tone.ts'

export type ControlAction = 'connect' | 'cancel' | 'disconnect' | 'wait'

/** What a click does in a state; absent: there is no connection. */
export function actionFor(state: ConnectionState | undefined): ControlAction {
  switch (state?.kind) {
    case undefined:
    case 'disconnected':
    case 'failed':
      return 'connect'
    case 'connecting':
    case 'reconnecting':
      return 'cancel'
    case 'connected':
      return 'disconnect'
    case 'disconnecting':
      return 'wait'
  }
}

/** The shape of the mark. */
export function markFor(status: Pick<ConnectionStatus, 'state' | 'killSwitch'> | undefined): ArchState {
  switch (status?.state.kind) {
    case undefined:
    case 'disconnected':
      return status !== undefined && status.killSwitch === 'holding' ? 'locked' : 'open'
    case 'failed':
      return status.killSwitch === 'holding' ? 'locked' : 'barred'
    case 'connecting':
    case 'reconnecting':
    case 'disconnecting':
      return 'moving'
    case 'connected':
      return 'filled'
  }
}

export const toneFor = (mark: ArchState): Tone => {
  switch (mark) {
    case 'open':
      return 'neutral'
    case 'moving':
    case 'locked':
      return 'busy'
    case 'filled':
      return 'ok'
    case 'barred':
      return 'bad'
  }
}

const phases: readonly ConnectingPhase[] = ['resolving', 'negotiating', 'authenticating', 'configuring']

export interface PhaseStep {
  readonly phase: ConnectingPhase
  readonly state: 'done' | 'current' | 'ahead'
}

/** The phases as a list that ticks off; empty where nothing is being set up. */
export function phaseSteps(state: ConnectionState | undefined): readonly PhaseStep[] {
  const phase = state?.kind === 'connecting' || state?.kind === 'reconnecting' ? state.phase : undefined
  if (phase === undefined) return []
  const current = phases.indexOf(phase)
  return phases.map((one, index) => ({
    phase: one,
    state: index < current ? 'done' : index === current ? 'current' : 'ahead',
  }))
}

/** How recently a rekey was, where it was recent enough to be worth a line. */
export function rekeyedAgoMs(status: ConnectionStatus, now: number): number | undefined {
  if (status.state.kind !== 'connected' || status.since === undefined) return undefined
  const ages = status.ikeSas.flatMap(({ ageMs, childSas }) => [
    ageMs,
    ...childSas.map((child) => child.ageMs),
  ])
  const youngest = Math.min(...ages)
  // An SA as old as the connection is its first one.
  const isFirst = youngest > now - status.since - 15_000
  return !isFirst && youngest < 10 * 60_000 ? youngest : undefined
}
