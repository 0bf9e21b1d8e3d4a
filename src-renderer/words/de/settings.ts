export const settings = {
  title: 'Optionen',
  connection: 'Verbindung',
  atLogin: {
    label: 'Beim Anmelden verbinden',
    hint: 'Mit einem gewählten Profil startet Culvert, wenn Sie sich anmelden.',
    never: 'Nicht von selbst starten',
  },
  minimised: { label: 'In der Leiste starten', hint: 'Ohne Fenster; das Symbol in der Leiste öffnet es.' },
  reconnect: {
    label: 'Von selbst neu verbinden',
    hint: 'Nach dem Aufwachen, einem Netzwechsel, oder wenn das Gateway verstummt.',
  },
  killSwitch: {
    label: 'Notschalter',
    hint: 'Solange verbunden oder neu verbunden wird, verlässt nichts diesen Rechner außerhalb des Tunnels.',
  },
  appearance: 'Aussehen und Meldungen',
  theme: { label: 'Farbschema', system: 'System', light: 'Hell', dark: 'Dunkel' },
  language: { label: 'Sprache', system: 'Wie das System' },
  notifications: {
    label: 'Benachrichtigungen',
    all: 'Verbindungen und Probleme',
    problems: 'Nur Probleme',
    none: 'Keine',
  },
  expert: 'Für Fachleute',
  keyExport: {
    label: 'Sitzungsschlüssel für Wireshark schreiben',
    hint: 'Für neue Verbindungen, bis Culvert endet.',
    title: 'Sitzungsschlüssel in eine Datei schreiben?',
    warning:
      'Wer diese Datei und eine Aufzeichnung Ihrer Verbindung hat, kann alles darin lesen. Benutzen Sie sie zur Fehlersuche und löschen Sie sie danach.',
    action: 'Schlüssel schreiben',
    on: 'Schlüssel neuer Verbindungen kommen in diese Datei',
  },
  about: {
    title: 'Über Culvert',
    version: 'Culvert',
    runtime: 'Laufzeit',
    machine: 'Rechner',
    helper: 'Helfer',
    helpers: {
      ready: 'bereit',
      'asks-permission': 'fragt beim Verbinden um Erlaubnis',
      missing: 'nicht installiert',
    },
    dataPlane: 'Datenweg',
    keyring: 'Schlüsselbund',
    keyrings: {
      available: 'behält Ihre Geheimnisse',
      locked: 'gesperrt; Sie werden jedes Mal gefragt',
      none: 'keiner; Sie werden jedes Mal gefragt',
    },
  },
}
