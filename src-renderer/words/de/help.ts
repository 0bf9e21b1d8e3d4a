export const help = {
  title: 'Tastatur',
  keys: {
    toggle: 'Verbinden oder trennen',
    palette: 'Jede Aktion finden',
    help: 'Diese Liste',
    settings: 'Optionen',
    connect: 'Ansicht Verbinden',
    profiles: 'Profile',
    status: 'Status',
    exchange: 'Austausch',
    log: 'Protokoll',
  },
  foot: 'Tabulator und Pfeiltasten erreichen alles; Escape schließt, was offen ist.',
}
