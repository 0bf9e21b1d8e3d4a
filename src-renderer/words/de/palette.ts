export const palette = {
  title: 'Aktion finden',
  placeholder: 'Was möchten Sie tun?',
  connect: '{name} verbinden',
  disconnect: '{name} trennen',
  view: {
    connect: 'Zu Verbinden',
    profiles: 'Zu den Profilen',
    status: 'Zum Status',
    exchange: 'Zum Austausch',
    log: 'Zum Protokoll',
    settings: 'Zu den Optionen',
  },
  new: 'Neues Profil',
  import: 'Dateien importieren',
  startDemo: 'Demo-Büro ausprobieren',
  stopDemo: 'Demo-Büro beenden',
  theme: { dark: 'Dunkles Farbschema', light: 'Helles Farbschema' },
}
