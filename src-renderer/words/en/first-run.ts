export const firstRun = {
  title: 'Which gateway do you connect to?',
  text: 'Culvert needs a profile: who the gateway is and how you prove who you are.',
  import: {
    title: 'Import a file',
    text: 'From your administrator or another VPN program. You can drop it here, too.',
  },
  write: {
    title: 'Write a profile',
    text: 'With the address of the gateway and what your administrator gave you.',
  },
  demo: {
    title: 'Try the demo office',
    text: 'Starts a gateway on this machine and connects to it through a real tunnel.',
  },
}
