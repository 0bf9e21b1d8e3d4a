/** The common clock of the connect benchmark: tcpdump on the router's link to the client, for both clients alike. */
import type { Network } from '../interop/lab/network.ts'
import { delay, start, until } from '../interop/lab/processes.ts'

export interface Passage {
  /** Milliseconds since 1970, from the kernel's clock when the packet passed. */
  readonly atMs: number
  readonly fromClient: boolean
  /** `init` is an IKE_SA_INIT request, `ike` any other IKE message. */
  readonly kind: 'init' | 'ike' | 'esp'
}

export interface WireWatch {
  /** What passed since the last call. */
  take(): Promise<readonly Passage[]>
  close(): Promise<void>
}

// 1700000000.123456 IP 192.168.77.2.500 > 198.51.100.2.500: isakmp: parent_sa ikev2_init[I]
// …: NONESP-encap: isakmp: child_sa  ikev2_auth[I]   and   …: UDP-encap: ESP(spi=…)
const line = /^(\d+\.\d+) IP6? (\S+) > \S+: (?:NONESP-encap: )?(isakmp|UDP-encap: ESP)(.*)/

export const watchWire = async (network: Network, clientAddress: string): Promise<WireWatch> => {
  const tcpdump = start(
    ['tcpdump', '-i', 'lan', '-n', '-tt', '-l', '--immediate-mode', 'udp port 500 or udp port 4500'],
    { namespace: network.router },
  )
  await until('tcpdump to listen', () => {
    if (!tcpdump.alive) throw new Error(`tcpdump ended: ${tcpdump.errors.join(' ')}`)
    return tcpdump.errors.some((text) => text.includes('listening on')) ? true : undefined
  })
  let taken = 0
  return {
    take: async () => {
      await delay(50)
      const fresh = tcpdump.lines.slice(taken)
      taken = tcpdump.lines.length
      return fresh.flatMap((text): Passage[] => {
        const [, at, from, kind, rest = ''] = line.exec(text) ?? []
        if (at === undefined || from === undefined) return []
        return [
          {
            atMs: Number(at) * 1000,
            fromClient: from.startsWith(`${clientAddress}.`),
            kind: kind !== 'isakmp' ? 'esp' : rest.includes('ikev2_init[I]') ? 'init' : 'ike',
          },
        ]
      })
    },
    close: async () => {
      await tcpdump.stop('SIGINT')
    },
  }
}
