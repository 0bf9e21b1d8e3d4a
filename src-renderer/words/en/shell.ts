export const shell = {
  views: 'Views',
  view: {
    connect: 'Connect',
    profiles: 'Profiles',
    status: 'Status',
    exchange: 'Exchange',
    log: 'Log',
    settings: 'Settings',
  },
  layers: 'Menus and tips',
  drop: 'Drop to look inside',
  dropHint: 'Nothing is kept before you say so.',
}
