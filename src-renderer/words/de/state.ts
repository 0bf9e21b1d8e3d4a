/** Wörter für das, wovon jede Ansicht spricht. */
export const state = {
  state: {
    disconnected: 'Nicht verbunden',
    connecting: 'Verbindet',
    connected: 'Verbunden',
    reconnecting: 'Verbindet neu',
    disconnecting: 'Trennt',
    failed: 'Fehlgeschlagen',
    holding: 'Vom Notschalter gesperrt',
  },
  phase: {
    resolving: 'Gateway finden',
    negotiating: 'Verschlüsselung vereinbaren',
    authenticating: 'Identitäten beweisen',
    configuring: 'Tunnel einrichten',
  },
  cause: {
    unreachable: 'Das Gateway ist nicht erreichbar',
    'gateway-silent': 'Das Gateway antwortet nicht mehr',
    'gateway-closed': 'Das Gateway hat die Verbindung beendet',
    expired: 'Die Verbindung hat ihr Lebensende erreicht',
    'network-changed': 'Ihr Netz hat gewechselt',
    'woke-up': 'Dieser Rechner hat geschlafen',
    reauthentication: 'Das Gateway verlangt einen neuen Nachweis',
  },
  units: { day: 'T', hour: 'Std.', minute: 'Min.', second: 's' },
}
