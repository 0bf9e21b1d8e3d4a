export const help = {
  title: 'Keyboard',
  keys: {
    toggle: 'Connect or disconnect',
    palette: 'Find any action',
    help: 'This list',
    settings: 'Settings',
    connect: 'Connect view',
    profiles: 'Profiles',
    status: 'Status',
    exchange: 'Exchange',
    log: 'Log',
  },
  foot: 'Tab and the arrow keys reach everything; Escape closes what is open.',
}
