/** What the interoperability tests need of the machine. test/run-all.mjs installs what is missing where it may. */
import { accessSync, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const programs = ['ip', 'nft', 'ping', 'sysctl', 'swanctl']
const files = ['/usr/sbin/charon-systemd', '/usr/lib/ipsec/plugins/libstrongswan-eap-mschapv2.so']
const searched = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']

const canOpenTun = (): boolean => {
  try {
    accessSync('/dev/net/tun')
    return true
  } catch {
    return false
  }
}

/** The reason the tests cannot run here, or undefined when they can. */
export const whyNot = (): string | undefined => {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root for network namespaces'
  if (!canOpenTun()) return 'needs /dev/net/tun'
  const absent = [
    ...programs.filter((name) => !searched.some((folder) => existsSync(join(folder, name)))),
    ...files.filter((path) => !existsSync(path)),
  ]
  return absent.length === 0 ? undefined : `needs ${absent.join(', ')}`
}
