import type { Scenario } from '../lab/scenario.ts'

export const paths: readonly Scenario[] = [
  {
    name: 'large certificate chain over a path with mtu 1280 that drops fragments',
    path: { mtu: 1280, dropFragments: true },
    gateway: {
      proves: { method: 'certificate', certificate: 'gateway-big-chain' },
      asks: { method: 'certificate', certificate: 'user-rsa-2048' },
      charon: { fragment_size: 1200 },
    },
    client: { connection: {} },
    outcome: {
      kind: 'connected',
      gatewayLog: [/splitting IKE message \((?:[6-9]|\d\d)\d{3} bytes\) into \d+ fragments/],
    },
  },
  {
    name: 'transfer over a path with mtu 1280',
    path: { mtu: 1280 },
    outcome: { kind: 'connected' },
    steps: ['transfer'],
  },
  {
    name: 'a tenth of all datagrams lost, others reordered',
    path: { relay: { seed: 20_261_123, loss: 0.1, delayMs: [0, 20] } },
    outcome: { kind: 'connected' },
    steps: ['small-transfer'],
  },
  {
    name: 'a tenth lost, certificates and eap',
    path: { relay: { seed: 7, loss: 0.1, delayMs: [0, 20] } },
    gateway: {
      proves: { method: 'certificate', certificate: 'gateway-big-chain' },
      asks: { method: 'eap', eap: 'mschapv2', username: 'user@example.test', password: 'battery' },
    },
    outcome: { kind: 'connected' },
  },
  {
    name: 'a tenth lost, gateway rekeys',
    path: { relay: { seed: 99, loss: 0.1, delayMs: [0, 20] } },
    outcome: { kind: 'connected' },
    steps: ['rekeys-on-a-poor-path'],
  },
]
