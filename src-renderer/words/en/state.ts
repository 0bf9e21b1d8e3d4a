/** Words for what every view speaks of; their keys stand at the top: `state.connected`, `phase.resolving`, `units.hour`. */
export const state = {
  state: {
    disconnected: 'Not connected',
    connecting: 'Connecting',
    connected: 'Connected',
    reconnecting: 'Reconnecting',
    disconnecting: 'Disconnecting',
    failed: 'Failed',
    holding: 'Blocked by the kill switch',
  },
  phase: {
    resolving: 'Finding the gateway',
    negotiating: 'Agreeing on encryption',
    authenticating: 'Proving identities',
    configuring: 'Setting up the tunnel',
  },
  cause: {
    unreachable: 'The gateway cannot be reached',
    'gateway-silent': 'The gateway stopped answering',
    'gateway-closed': 'The gateway ended the connection',
    expired: 'The connection reached its end of life',
    'network-changed': 'Your network changed',
    'woke-up': 'This machine was asleep',
    reauthentication: 'The gateway asks for a new proof',
  },
  units: { day: 'd', hour: 'h', minute: 'min', second: 's' },
}
