/** The lab's small programs that run inside a namespace: the office's servers, a person's programs, a poor path. */
import { join } from 'node:path'
import { addresses } from './network.ts'
import type { Network } from './network.ts'
import { start, until } from './processes.ts'
import type { Running } from './processes.ts'
import { programsFolder } from './repository.ts'

export const officeNames = {
  'intranet.office.test': [addresses.office.ipv4, addresses.office.ipv6],
  'gateway.office.test': [addresses.gatewayInside.ipv4],
} as const

/** The gateway's name as the resolver outside knows it. */
export const gatewayName = 'vpn.example.test'

export const startProgram = async (
  namespace: string,
  name: string,
  ...options: readonly string[]
): Promise<Running> => {
  const program = start([process.execPath, join(programsFolder, name), ...options], { namespace })
  await until(
    `${name} to be ready`,
    () => {
      if (program.lines.includes('ready')) return true
      if (!program.alive) throw new Error(`${name} ended at once: ${program.errors.join(' ')}`)
      return undefined
    },
    10_000,
    10,
  )
  return program
}

/** HTTP on port 80, DNS on 53 and UDP echo on 7 at the office's addresses. */
export const startOffice = (network: Network): Promise<Running> => {
  const both = [addresses.office.ipv4, addresses.office.ipv6]
  return startProgram(
    network.office,
    'office.mjs',
    JSON.stringify({ http: both, dns: both, echo: both, names: officeNames }),
  )
}

/** The resolver the client has before it is connected. It knows the gateway and nothing of the office. */
export const startOutsideResolver = (network: Network): Promise<Running> =>
  startProgram(
    network.router,
    'office.mjs',
    JSON.stringify({
      dns: [addresses.router.ipv4],
      names: { [gatewayName]: [addresses.gateway.ipv4, addresses.gateway.ipv6] },
    }),
  )

/** What a machine's other programs send: to strangers, to a resolver, to a neighbour, and to the gateway itself. */
export const startNoise = (network: Network): Promise<Running> =>
  startProgram(
    network.client,
    'noise.mjs',
    JSON.stringify({
      udp: [
        { address: addresses.nobody.ipv4, port: 9 },
        { address: addresses.nobody.ipv6, port: 9 },
        { address: addresses.router.ipv4, port: 53 },
        { address: addresses.router.ipv6, port: 53 },
        // Another program's, to the very port of the gateway.
        { address: addresses.gateway.ipv4, port: 4500, from: 40_404 },
        { address: addresses.gateway.ipv4, port: 53 },
      ],
      tcp: [
        { address: addresses.gateway.ipv4, port: 22 },
        { address: addresses.gateway.ipv6, port: 22 },
        { address: addresses.router.ipv4, port: 80 },
      ],
    }),
  )

export interface RelayOptions {
  readonly seed: number
  /** 0 to 1, in each direction. */
  readonly loss?: number
  readonly delayMs?: readonly [number, number]
  /** Print each datagram's time and head. */
  readonly record?: boolean
}

/** The relay listens at the router's address towards the client; the client takes it for the gateway. */
export const startRelay = (network: Network, options: RelayOptions): Promise<Running> =>
  startProgram(
    network.router,
    'relay.mjs',
    JSON.stringify({
      listen: addresses.router.ipv4,
      target: addresses.gateway.ipv4,
      ports: [500, 4500],
      ...options,
    }),
  )

/** Leaves two half-open IKE SAs at the gateway, of a proposal it takes. */
export const leaveHalfOpen = async (network: Network, proposal: string): Promise<void> => {
  const options = { target: addresses.gateway.ipv4, count: 2, group: proposal.includes('ecp384') ? 20 : 31 }
  const program = await startProgram(network.router, 'half-open.mjs', JSON.stringify(options))
  await program.stop()
}

export interface StreamResult {
  readonly sent: number
  readonly received: number
  readonly missing: readonly number[]
  readonly repeated: number
  readonly errors: readonly string[]
}

export interface Probe {
  fetch(
    url: string,
    timeoutMs?: number,
  ): Promise<{ status: number; bytes: number; head: string; client: string }>
  post(url: string, bytes: number, timeoutMs?: number): Promise<{ status: number; head: string }>
  resolve(name: string, family?: 0 | 4 | 6): Promise<readonly string[]>
  ping(
    address: string,
    options?: { count?: number; size?: number; dontFragment?: boolean },
  ): Promise<{ received: number; text: string }>
  streamStart(address: string, everyMs?: number): Promise<void>
  streamStop(settleMs?: number): Promise<StreamResult>
  close(): Promise<void>
}

interface Reply {
  readonly id: number
  readonly value?: never
  readonly error?: string
}

/** What a person does on the client machine: fetch, resolve, ping, and a steady stream of numbered packets. */
export const startProbe = async (namespace: string): Promise<Probe> => {
  const program = await startProgram(namespace, 'probe.mjs')
  const waiting = new Map<number, (reply: Reply) => void>()
  program.onLine((line) => {
    const reply = JSON.parse(line) as Reply
    waiting.get(reply.id)?.(reply)
    waiting.delete(reply.id)
  })
  let next = 1
  const ask = (what: string, options: object): Promise<never> =>
    new Promise((resolve, reject) => {
      const id = next++
      waiting.set(id, (reply) => {
        if (reply.error === undefined) resolve(reply.value as never)
        else reject(new Error(`${what}: ${reply.error}`))
      })
      program.write(JSON.stringify({ ...options, id, do: what }) + '\n')
    })
  return {
    fetch: (url, timeoutMs = 5000) => ask('fetch', { url, timeoutMs }),
    post: (url, bytes, timeoutMs = 5000) => ask('post', { url, bytes, timeoutMs }),
    resolve: async (name, family = 0) => {
      const { addresses: found }: { addresses: readonly string[] } = await ask('resolve', { name, family })
      return found
    },
    ping: (address, options = {}) => ask('ping', { address, ...options }),
    streamStart: async (address, everyMs = 5) => {
      await ask('stream-start', { address, everyMs })
    },
    streamStop: (settleMs = 300) => ask('stream-stop', { settleMs }),
    close: async () => {
      await program.stop()
    },
  }
}
