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
  drop: 'Ablegen, um hineinzusehen',
  dropHint: 'Nichts wird behalten, bevor Sie es sagen.',
}
