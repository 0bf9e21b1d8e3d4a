export const settings = {
  title: 'Settings',
  connection: 'Connection',
  atLogin: {
    label: 'Connect when you log in',
    hint: 'With a profile chosen, Culvert starts when you log in.',
    never: 'Do not start by itself',
  },
  minimised: { label: 'Start in the tray', hint: 'Without a window; the tray icon opens it.' },
  reconnect: {
    label: 'Reconnect by itself',
    hint: 'After sleep, a change of network, or when the gateway falls silent.',
  },
  killSwitch: {
    label: 'Kill switch',
    hint: 'While connected or reconnecting, nothing leaves this machine outside the tunnel.',
  },
  appearance: 'Appearance and messages',
  theme: { label: 'Theme', system: 'System', light: 'Light', dark: 'Dark' },
  language: { label: 'Language', system: 'As the system' },
  notifications: {
    label: 'Notifications',
    all: 'Connections and problems',
    problems: 'Problems only',
    none: 'None',
  },
  expert: 'For experts',
  keyExport: {
    label: 'Write session keys for Wireshark',
    hint: 'For new connections, until Culvert ends.',
    title: 'Write session keys to a file?',
    warning:
      'Whoever has this file and a recording of your connection can read everything in it. Use it to look for a fault, then delete it.',
    action: 'Write keys',
    on: 'Keys of new connections are written to this file',
  },
  about: {
    title: 'About',
    version: 'Culvert',
    runtime: 'Runtime',
    machine: 'Machine',
    helper: 'Helper',
    helpers: {
      ready: 'ready',
      'asks-permission': 'asks for permission when you connect',
      missing: 'not installed',
    },
    dataPlane: 'Data plane',
    keyring: 'Keyring',
    keyrings: {
      available: 'keeps your secrets',
      locked: 'locked; you are asked each time',
      none: 'none; you are asked each time',
    },
  },
}
