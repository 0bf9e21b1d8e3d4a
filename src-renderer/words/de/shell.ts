export const shell = {
  views: 'Ansichten',
  view: {
    connect: 'Verbinden',
    profiles: 'Profile',
    status: 'Status',
    exchange: 'Austausch',
    log: 'Protokoll',
    settings: 'Optionen',
  },
  layers: 'Menüs und Hinweise',
  drop: 'Ablegen, um hineinzusehen',
  dropHint: 'Nichts wird behalten, bevor Sie es sagen.',
}
