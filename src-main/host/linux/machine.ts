import { readFileSync } from 'node:fs'
import type { Machine } from '../helper/plan.ts'
import { detectResolver } from './dns.ts'
import { readLocalNetworks } from './local-networks.ts'

const setting = (name: string): string | undefined => {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Whether new links of this network namespace get IPv6. */
export const hasIpv6 = (): boolean =>
  setting('net/ipv6/conf/default/disable_ipv6') === '0' && setting('net/ipv6/conf/all/disable_ipv6') === '0'

/** Reads what a plan depends on. */
export const readMachine = async (): Promise<Machine> => {
  const ipv6 = hasIpv6()
  const [dns, localNetworks] = await Promise.all([detectResolver(), readLocalNetworks(ipv6)])
  return {
    ipv6,
    dns,
    localNetworks,
    forwarding: [
      ...(setting('net/ipv4/ip_forward') === '1' ? ([4] as const) : []),
      ...(setting('net/ipv6/conf/all/forwarding') === '1' ? ([6] as const) : []),
    ],
  }
}
