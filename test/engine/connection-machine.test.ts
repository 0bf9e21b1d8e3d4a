import { describe, expect, it } from 'vitest'
import type { ConnectionEvent } from '../../src-main/engine/connection-machine.ts'
import { transition } from '../../src-main/engine/connection-machine.ts'
import type { ConnectionState } from '../../src-shared/connection-state.ts'
import { stateText } from './world.ts'

const first = { code: 'gateway-unreachable', details: {} } as const
const failure = { code: 'internal', details: {} } as const

const states = {
  disconnected: { kind: 'disconnected' },
  connecting: { kind: 'connecting', phase: 'negotiating' },
  connected: { kind: 'connected' },
  reconnecting: { kind: 'reconnecting', cause: 'gateway-silent', attempt: 3 },
  disconnecting: { kind: 'disconnecting' },
  failed: { kind: 'failed', failure: first },
} as const satisfies Record<ConnectionState['kind'], ConnectionState>

const events = {
  dial: { kind: 'dial' },
  phase: { kind: 'phase', phase: 'authenticating' },
  established: { kind: 'established' },
  lost: { kind: 'lost', cause: 'network-changed' },
  retry: { kind: 'retry' },
  'give-up': { kind: 'give-up', failure },
  disconnect: { kind: 'disconnect' },
  closed: { kind: 'closed' },
} as const satisfies Record<ConnectionEvent['kind'], ConnectionEvent>

/** Every state (row) × every event (column); `·`: stays as it is. */
const table: Record<ConnectionState['kind'], Record<ConnectionEvent['kind'], string>> = {
  disconnected: {
    dial: 'resolving',
    phase: '·',
    established: '·',
    lost: '·',
    retry: '·',
    'give-up': '·',
    disconnect: '·',
    closed: '·',
  },
  connecting: {
    dial: '·',
    phase: 'authenticating',
    established: 'connected',
    lost: '·',
    retry: '·',
    'give-up': 'failed internal',
    disconnect: 'disconnecting',
    closed: 'disconnected',
  },
  connected: {
    dial: '·',
    phase: '·',
    established: '·',
    lost: 'reconnecting network-changed 1',
    retry: '·',
    'give-up': 'failed internal',
    disconnect: 'disconnecting',
    closed: 'disconnected',
  },
  reconnecting: {
    dial: '·',
    phase: 'reconnecting gateway-silent 3 authenticating',
    established: 'connected',
    lost: '·',
    retry: 'reconnecting gateway-silent 4',
    'give-up': 'failed internal',
    disconnect: 'disconnecting',
    closed: 'disconnected',
  },
  disconnecting: {
    dial: '·',
    phase: '·',
    established: '·',
    lost: '·',
    retry: '·',
    'give-up': 'failed internal',
    disconnect: '·',
    closed: 'disconnected',
  },
  failed: {
    dial: 'resolving',
    phase: '·',
    established: '·',
    lost: '·',
    retry: '·',
    'give-up': '·',
    disconnect: '·',
    closed: '·',
  },
}

const cells = Object.values(states).flatMap((state) =>
  Object.values(events).map((event) => ({ state, event, expected: table[state.kind][event.kind] })),
)

describe('the connection’s states', () => {
  it.each(cells)('$state.kind, $event.kind → $expected', ({ state, event, expected }) => {
    const next = transition(state, event)
    // What changes nothing gives the very same state, so that nobody is told of it.
    if (expected === '·') expect(next).toBe(state)
    else expect(stateText(next)).toBe(expected)
  })

  it('does not tell the same phase twice', () => {
    const state: ConnectionState = { kind: 'connecting', phase: 'resolving' }
    expect(transition(state, { kind: 'phase', phase: 'resolving' })).toBe(state)
  })
})
