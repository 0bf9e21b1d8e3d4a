/** What the tray, notifications and dialogs of the desktop say, in English. */
export const en = {
  tray: {
    open: 'Open Culvert',
    quit: 'Quit',
    connect: (name: string) => `Connect to ${name}`,
    disconnect: (name: string) => `Disconnect from ${name}`,
    cancel: (name: string) => `Stop connecting to ${name}`,
    notConnected: 'Not connected',
    connecting: (name: string) => `Connecting to ${name}…`,
    connected: (name: string) => `Connected to ${name}`,
    connectedTo: (count: number) => `${count} connections`,
    reconnecting: (name: string) => `Reconnecting to ${name}…`,
    disconnecting: (name: string) => `Disconnecting from ${name}…`,
    failed: (name: string) => `Could not connect to ${name}`,
    blocked: 'The kill switch blocks all traffic',
    rate: (down: string, up: string) => `↓ ${down}   ↑ ${up}`,
  },
  notifications: {
    connected: (name: string) => `Connected to ${name}`,
    connectedBody: 'Traffic to this network goes through the tunnel.',
    disconnected: (name: string) => `Disconnected from ${name}`,
    disconnectedBody: 'This machine uses its ordinary network again.',
    dropped: (name: string) => `The connection to ${name} was interrupted`,
    droppedBody: 'Culvert is making it anew.',
    failed: (name: string) => `Could not connect to ${name}`,
    lost: (name: string) => `The connection to ${name} has ended`,
    question: (name: string) => `${name} asks for something`,
    questions: {
      password: 'Enter your password in Culvert.',
      psk: 'Enter the pre-shared key in Culvert.',
      'p12-password': 'Enter the password of the certificate file in Culvert.',
      'key-password': 'Enter the passphrase of the private key in Culvert.',
      'one-time-code': 'Enter the one-time code in Culvert.',
    },
    stillRunning: 'Culvert keeps running',
    stillRunningBody: 'Open it again from the tray, or start it once more. Quit it from the tray.',
  },
  trouble: {
    title: 'Culvert ran into trouble',
    body: 'It cannot go on. Your network is put back as it was.',
    noPage: 'The window could not be shown. Connections stay as they are.',
  },
  units: ['B/s', 'kB/s', 'MB/s', 'GB/s'],
}

export type Words = typeof en
