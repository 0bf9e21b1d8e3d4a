/** Dasselbe auf Deutsch. */
import type { Words } from './en.ts'

export const de: Words = {
  tray: {
    open: 'Culvert öffnen',
    quit: 'Beenden',
    connect: (name) => `Mit ${name} verbinden`,
    disconnect: (name) => `Von ${name} trennen`,
    cancel: (name) => `Verbinden mit ${name} abbrechen`,
    notConnected: 'Nicht verbunden',
    connecting: (name) => `Verbindet mit ${name} …`,
    connected: (name) => `Verbunden mit ${name}`,
    connectedTo: (count) => `${count} Verbindungen`,
    reconnecting: (name) => `Verbindet neu mit ${name} …`,
    disconnecting: (name) => `Trennt von ${name} …`,
    failed: (name) => `Keine Verbindung mit ${name}`,
    blocked: 'Der Notschalter hält allen Verkehr an',
    rate: (down, up) => `↓ ${down}   ↑ ${up}`,
  },
  notifications: {
    connected: (name) => `Verbunden mit ${name}`,
    connectedBody: 'Der Verkehr zu diesem Netz geht durch den Tunnel.',
    disconnected: (name) => `Von ${name} getrennt`,
    disconnectedBody: 'Dieser Rechner nutzt wieder sein gewöhnliches Netz.',
    dropped: (name) => `Die Verbindung mit ${name} ist unterbrochen`,
    droppedBody: 'Culvert stellt sie wieder her.',
    failed: (name) => `Keine Verbindung mit ${name}`,
    lost: (name) => `Die Verbindung mit ${name} ist beendet`,
    question: (name) => `${name} fragt nach etwas`,
    questions: {
      password: 'Geben Sie in Culvert Ihr Passwort ein.',
      psk: 'Geben Sie in Culvert den gemeinsamen Schlüssel ein.',
      'p12-password': 'Geben Sie in Culvert das Passwort der Zertifikatsdatei ein.',
      'key-password': 'Geben Sie in Culvert die Passphrase des privaten Schlüssels ein.',
      'one-time-code': 'Geben Sie in Culvert den Einmalcode ein.',
    },
    stillRunning: 'Culvert läuft weiter',
    stillRunningBody:
      'Über das Symbol in der Leiste oder einen neuen Start kommt das Fenster zurück. Beenden lässt es sich dort.',
  },
  trouble: {
    title: 'Culvert ist auf ein Problem gestoßen',
    body: 'Es kann nicht weiterlaufen. Das Netz wird zurückgestellt, wie es war.',
    noPage: 'Das Fenster konnte nicht gezeigt werden. Verbindungen bleiben, wie sie sind.',
  },
  units: ['B/s', 'kB/s', 'MB/s', 'GB/s'],
}
