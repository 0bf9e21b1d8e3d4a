/** The demonstration's little world: names, addresses, files. */
export const places = {
  client: { namespace: 'client', address: '203.0.113.10' },
  gateway: { namespace: 'gateway', address: '203.0.113.1', inside: '10.20.0.1', name: 'vpn.office.test' },
  office: {
    namespace: 'office',
    address: '10.20.0.10',
    network: '10.20.0.0/24',
    name: 'intranet.office.test',
  },
  pool: '10.30.0.0/24',
  dnsDomain: 'office.test',
  /** Where the client's own network would have its resolver; here nobody answers. */
  localResolver: '203.0.113.53',
  user: 'maria',
  profileName: 'Office',
  folder: '/run/culvert-demo',
} as const
