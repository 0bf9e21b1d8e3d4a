export const palette = {
  title: 'Find an action',
  placeholder: 'What do you want to do?',
  connect: 'Connect {name}',
  disconnect: 'Disconnect {name}',
  view: {
    connect: 'Go to Connect',
    profiles: 'Go to Profiles',
    status: 'Go to Status',
    exchange: 'Go to Exchange',
    log: 'Go to Log',
    settings: 'Go to Settings',
  },
  new: 'New profile',
  import: 'Import files',
  startDemo: 'Try the demo office',
  stopDemo: 'End the demo office',
  theme: { dark: 'Use the dark theme', light: 'Use the light theme' },
}
