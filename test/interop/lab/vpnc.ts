/** Debian's vpnc as the client of a gateway of Cisco's kind: aggressive mode, XAUTH, Mode Config. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from './lab.ts'
import { findProgram } from './machine.ts'
import { addresses } from './network.ts'
import { start } from './processes.ts'
import type { Running } from './processes.ts'

export interface VpncOptions {
  readonly group: string
  readonly secret: string
  readonly user: string
  readonly password: string
}

/** What its script is told, and does: an address, and a route to what the gateway names. */
const script = (told: string): string => `#!/bin/sh
env | grep -E '^(reason|INTERNAL_|CISCO_|TUNDEV)' >>'${told}'
case "$reason" in
  connect)
    ip link set dev "$TUNDEV" up mtu 1300
    ip addr add "$INTERNAL_IP4_ADDRESS/32" dev "$TUNDEV"
    ip route add "$CISCO_SPLIT_INC_0_ADDR/$CISCO_SPLIT_INC_0_MASKLEN" dev "$TUNDEV"
    ;;
esac
`

/** Starts it in the client's namespace; \`told\` is the file in which its script writes what the gateway gave. */
export const startVpnc = (
  lab: Lab,
  { group, secret, user, password }: VpncOptions,
): { readonly process: Running; readonly told: string } => {
  const folder = join(lab.folder, 'vpnc')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const told = join(folder, 'told')
  writeFileSync(told, '')
  const scriptFile = join(folder, 'script')
  writeFileSync(scriptFile, script(told))
  chmodSync(scriptFile, 0o700)
  const configuration = join(folder, 'vpnc.conf')
  const lines = [
    `IPSec gateway ${addresses.gateway.ipv4}`,
    `IPSec ID ${group}`,
    `IPSec secret ${secret}`,
    `Xauth username ${user}`,
    `Xauth password ${password}`,
    'IKE DH Group dh14',
    'Perfect Forward Secrecy nopfs',
    'NAT Traversal Mode natt',
    `Script ${scriptFile}`,
    `Pidfile ${join(folder, 'pid')}`,
    'No Detach',
    'Debug 2',
  ]
  writeFileSync(configuration, `${lines.join('\n')}\n`, { mode: 0o600 })
  const program = findProgram('vpnc') ?? 'vpnc'
  return { process: start([program, configuration], { namespace: lab.network.client }), told }
}
