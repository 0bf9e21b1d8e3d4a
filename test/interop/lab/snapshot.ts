/** What of the operating system a client may touch, to be the same before and after. */
import { readFileSync } from 'node:fs'
import type { Network } from './network.ts'
import { must } from './processes.ts'

export interface HostSnapshot {
  readonly addresses: readonly unknown[]
  readonly routes: readonly unknown[]
  readonly rules: readonly unknown[]
  readonly firewall: string
  readonly resolvConf: string
}

const json = async (network: Network, ...command: readonly string[]): Promise<readonly unknown[]> => {
  const output = (await must(['ip', '-j', '-n', network.client, ...command])).trim()
  return output === '' ? [] : (JSON.parse(output) as readonly unknown[])
}

export const snapshot = async (network: Network): Promise<HostSnapshot> => ({
  addresses: await json(network, 'addr'),
  routes: [
    ...(await json(network, '-4', 'route', 'show', 'table', 'all')),
    ...(await json(network, '-6', 'route', 'show', 'table', 'all')),
  ],
  rules: [...(await json(network, '-4', 'rule')), ...(await json(network, '-6', 'rule'))],
  firewall: await must(['nft', 'list', 'ruleset'], { namespace: network.client }),
  resolvConf: readFileSync(network.clientResolvConf, 'utf8'),
})
