import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { run } from '../run.ts'
import { RESOLV_CONF } from './resolv-conf.ts'

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Whether programs really ask systemd-resolved: by its stub's address, or by nsswitch's `resolve`. */
export const leadsToResolved = (resolvConf: string, nsswitch: string): boolean =>
  /^\s*nameserver\s+127\.0\.0\.5[34]\s*$/m.test(resolvConf) || /^\s*hosts:.*\bresolve\b/m.test(nsswitch)

/** resolved knows only the links of the namespace it runs in, which is that of process 1. */
const inFirstNetworkNamespace = (): boolean => {
  try {
    return readlinkSync('/proc/1/ns/net') === readlinkSync('/proc/self/ns/net')
  } catch {
    return false
  }
}

/** Who resolves names on this machine: systemd-resolved when it runs and is asked, else /etc/resolv.conf. */
export const detectResolver = async (): Promise<'resolved' | 'resolv-conf'> => {
  if (!existsSync('/run/systemd/resolve') || !inFirstNetworkNamespace()) return 'resolv-conf'
  if (!leadsToResolved(textOf(RESOLV_CONF), textOf('/etc/nsswitch.conf'))) return 'resolv-conf'
  try {
    await run(['resolvectl', 'status'], { timeoutMs: 2_000 })
    return 'resolved'
  } catch {
    // Its folder is there, the service is not.
    return 'resolv-conf'
  }
}
