import type { Scenario } from '../lab/scenario.ts'

/** Culvert has no command to rekey: its lifetimes are made short instead. */
const short = (lifetimes: Readonly<Record<string, number>>) => ({ profile: { lifetimes } })

export const rekeying: readonly Scenario[] = [
  { name: 'gateway rekeys the child sa', outcome: { kind: 'connected' }, steps: ['gateway-rekeys-child'] },
  { name: 'gateway rekeys the ike sa', outcome: { kind: 'connected' }, steps: ['gateway-rekeys-ike'] },
  {
    name: 'client rekeys the child sa',
    client: short({ childSeconds: 2 }),
    outcome: { kind: 'connected' },
    steps: ['client-rekeys-child'],
  },
  {
    name: 'client rekeys the ike sa',
    client: short({ ikeSeconds: 2 }),
    outcome: { kind: 'connected' },
    steps: ['client-rekeys-ike'],
  },
  {
    name: 'client rekeys the child sa with forward secrecy',
    gateway: { esp: ['aes256gcm16-ecp384'] },
    client: short({ childSeconds: 2 }),
    outcome: { kind: 'connected', espAfterSteps: { group: 'ecp384' } },
    steps: ['client-rekeys-child'],
  },
  {
    name: 'client rekeys after so many packets',
    client: short({ childPackets: 400 }),
    outcome: { kind: 'connected' },
    steps: ['client-rekeys-child'],
    notWithStrongswan: 'it is told to rekey, it does not count here',
  },
  {
    name: 'client rekeys after so many bytes',
    client: short({ childBytes: 100_000 }),
    outcome: { kind: 'connected' },
    steps: ['client-rekeys-child'],
    notWithStrongswan: 'it is told to rekey, it does not count here',
  },
  {
    // RFC 7296 section 2.8.1: whoever loses the race gives up its SA, and no packet is lost over it.
    name: 'both rekey the child sa again and again',
    gateway: { child: { rekey_time: 2, rand_time: 0, life_time: 30 } },
    client: { ...short({ childSeconds: 2 }), child: { rekey_time: 2, rand_time: 0, life_time: 30 } },
    outcome: { kind: 'connected' },
    steps: ['both-rekey-child'],
  },
  {
    name: 'both rekey the ike sa again and again',
    gateway: { connection: { rekey_time: 2, rand_time: 0, over_time: 60 } },
    client: { ...short({ ikeSeconds: 2 }), connection: { rekey_time: 2, rand_time: 0, over_time: 60 } },
    outcome: { kind: 'connected' },
    steps: ['both-rekey-ike'],
  },
  {
    name: 'rekeying behind nat',
    path: { nat: true },
    outcome: { kind: 'connected' },
    steps: ['gateway-rekeys-child', 'gateway-rekeys-ike'],
  },
]

export const endings: readonly Scenario[] = [
  {
    name: 'gateway dies and comes back',
    client: { profile: { livenessSeconds: 1 } },
    outcome: { kind: 'connected' },
    steps: ['gateway-dies'],
    notWithStrongswan: 'tests what the client says of its state',
    timeoutMs: 180_000,
  },
  {
    name: 'gateway restarts while connected',
    client: { profile: { livenessSeconds: 1 } },
    outcome: { kind: 'connected' },
    steps: ['gateway-restarts'],
    notWithStrongswan: 'tests what the client says of its state',
    timeoutMs: 180_000,
  },
  {
    name: 'gateway closes the connection',
    outcome: { kind: 'connected' },
    steps: ['gateway-closes'],
    notWithStrongswan: 'tests what the client says of its state',
  },
]
