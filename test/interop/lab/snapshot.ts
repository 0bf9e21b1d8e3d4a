/** What of the operating system a client may touch, to be the same before and after. */
import { readFileSync } from 'node:fs'
import { must } from './processes.ts'

export interface HostSnapshot {
  readonly addresses: readonly unknown[]
  readonly routes: readonly unknown[]
  readonly rules: readonly unknown[]
  readonly firewall: string
  readonly resolvConf: string
}

const json = async (namespace: string, ...command: readonly string[]): Promise<readonly unknown[]> => {
  const output = (await must(['ip', '-j', '-n', namespace, ...command])).trim()
  return output === '' ? [] : (JSON.parse(output) as readonly unknown[])
}

/** Of a namespace; `resolvConf` is the file that its processes see as /etc/resolv.conf. */
export const snapshot = async (namespace: string, resolvConf?: string): Promise<HostSnapshot> => ({
  addresses: await json(namespace, 'addr'),
  routes: [
    ...(await json(namespace, '-4', 'route', 'show', 'table', 'all')),
    ...(await json(namespace, '-6', 'route', 'show', 'table', 'all')),
  ],
  rules: [...(await json(namespace, '-4', 'rule')), ...(await json(namespace, '-6', 'rule'))],
  firewall: await must(['nft', 'list', 'ruleset'], { namespace }),
  resolvConf: resolvConf === undefined ? '' : readFileSync(resolvConf, 'utf8'),
})
