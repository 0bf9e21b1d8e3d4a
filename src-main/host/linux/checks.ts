/** What `culvert doctor` asks of this machine: each check says what it found and, when something is amiss, what to do. */
import * as fs from 'node:fs'
import { networkInterfaces } from 'node:os'
import { openUdp, TunTapError } from 'tun-tap'
import { HostError } from '../host-error.ts'
import { run } from '../run.ts'
import { detectResolver } from './dns.ts'
import { hasIpv6 } from './machine.ts'
import { readResolvConf, RESOLV_CONF } from './resolv-conf.ts'

export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly text: string
  readonly advice?: string
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown'

/** ENODEV: the node is there, the kernel's module is not. */
const tunAdvice: Readonly<Record<string, string>> = {
  ENOENT: 'Load the module with "modprobe tun"; in a container, give it the device /dev/net/tun.',
  ENODEV: 'Load the module with "modprobe tun".',
  EACCES: 'Give your user read and write access to /dev/net/tun (it is 0666 on most systems).',
}

/** `tun`: whether this user can open the TUN device. `path` differs in tests only. */
export const checkTun = (path = '/dev/net/tun'): Check => {
  try {
    fs.closeSync(fs.openSync(path, fs.constants.O_RDWR))
    return { name: 'tun', status: 'ok', text: `${path} can be opened` }
  } catch (error) {
    const code = codeOf(error)
    const advice = tunAdvice[code] ?? 'Look at the permissions of /dev/net/tun and at the kernel log.'
    return { name: 'tun', status: 'fail', text: `${path} cannot be opened: ${code}`, advice }
  }
}

/** `nftables`: what the kill switch is made of. `folders` differ in tests only. */
export const checkNftables = (folders: readonly string[] = ['/usr/sbin', '/sbin', '/usr/bin']): Check => {
  const name = 'nftables'
  if (folders.some((folder) => fs.existsSync(`${folder}/nft`)))
    return { name, status: 'ok', text: 'nft is there, for the kill switch' }
  const advice = 'Install nftables ("apt install nftables") to use the kill switch.'
  return { name, status: 'warn', text: 'nft is missing; the kill switch needs it', advice }
}

const CAP_NET_ADMIN = 12n

/** Whether the effective capabilities in /proc/self/status hold CAP_NET_ADMIN. */
export const hasNetAdmin = (status: string): boolean => {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) === 1n
}

/** `privilege`: how the helper would become root. */
export const checkPrivilege = (): Check => {
  const name = 'privilege'
  if (process.geteuid?.() === 0) {
    if (hasNetAdmin(fs.readFileSync('/proc/self/status', 'utf8')))
      return { name, status: 'ok', text: 'running as root; the helper starts directly' }
    const advice = 'Start the container with --cap-add=NET_ADMIN.'
    return { name, status: 'fail', text: 'root, but without CAP_NET_ADMIN', advice }
  }
  if (fs.existsSync('/usr/bin/pkexec'))
    return { name, status: 'ok', text: 'the helper asks for permission through polkit (pkexec)' }
  const advice = 'Install polkit ("apt install pkexec"), or run as root.'
  return { name, status: 'fail', text: 'neither root nor polkit', advice }
}

/** `user-namespaces`: whether the demo can run without root. */
export const checkUserNamespaces = async (): Promise<Check> => {
  const name = 'user-namespaces'
  try {
    await run(['unshare', '-Urnm', 'true'])
    return { name, status: 'ok', text: 'allowed; the demo runs without root' }
  } catch (error) {
    const reason = error instanceof HostError ? error.stderr.trim() : String(error)
    const advice =
      'Only the demo needs them. Run it as root, or allow them: kernel.unprivileged_userns_clone=1 (Debian), kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu).'
    return { name, status: 'warn', text: `not allowed: ${reason}`, advice }
  }
}

/** `ip-tool`: iproute2, which makes every change. */
export const checkIpTool = async (): Promise<Check> => {
  try {
    const { stdout } = await run(['ip', '-V'])
    return { name: 'ip-tool', status: 'ok', text: stdout.trim() }
  } catch {
    const advice = 'Install iproute2 ("apt install iproute2").'
    return { name: 'ip-tool', status: 'fail', text: 'the program "ip" is missing', advice }
  }
}

/** `resolver`: who gets the tunnel's DNS servers. */
export const checkResolver = async (): Promise<Check> => {
  const name = 'resolver'
  if ((await detectResolver()) === 'resolved')
    return { name, status: 'ok', text: 'systemd-resolved; split DNS works by domain' }
  try {
    const state = readResolvConf(RESOLV_CONF)
    const link = state.was === 'link' ? ` (a link to ${state.target})` : ''
    return {
      name,
      status: state.was === 'absent' ? 'warn' : 'ok',
      text: `${RESOLV_CONF}${link}${state.was === 'absent' ? ' does not exist' : ''}; while connected every name is asked for inside`,
      ...(state.was === 'absent' ? { advice: 'Without it programs find no names outside a tunnel.' } : {}),
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return { name, status: 'fail', text, advice: `Look at ${RESOLV_CONF}.` }
  }
}

/** `clock`: certificates are judged by it. Nothing on this machine can be from the future. */
export const checkClock = (now = Date.now(), witness = fs.statSync(process.execPath).mtimeMs): Check => {
  const text = new Date(now).toISOString()
  if (now >= witness) return { name: 'clock', status: 'ok', text }
  const advice = 'Set the clock ("timedatectl set-ntp true"): certificates would seem not yet valid.'
  return { name: 'clock', status: 'fail', text: `${text} lies before this program was made`, advice }
}

/** `port-N`: whether a gateway could listen there. A client takes any free port, so it is never more than a warning. */
export const checkPort = (port: number): Check => {
  const name = `port-${port}`
  try {
    openUdp({ family: 4, port }).close()
    return { name, status: 'ok', text: `UDP port ${port} is free` }
  } catch (error) {
    const code = error instanceof TunTapError ? error.code : codeOf(error)
    if (code === 'EACCES')
      return { name, status: 'ok', text: `UDP port ${port} needs root; a client does without it` }
    const advice = `Only a gateway needs it. "ss -lunp sport = :${port}" shows who has it (another IPsec daemon?).`
    return { name, status: 'warn', text: `UDP port ${port} cannot be had: ${code}`, advice }
  }
}

/** `ipv6`: whether tunnels can carry it, and whether the machine has it outside. */
export const checkIpv6 = (): Check => {
  if (!hasIpv6()) {
    const advice =
      'A tunnel’s IPv6 addresses and routes are left out. Set net.ipv6.conf.{all,default}.disable_ipv6=0.'
    return { name: 'ipv6', status: 'warn', text: 'switched off on this machine', advice }
  }
  const global = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .some(({ family, address, internal }) => family === 'IPv6' && !internal && !address.startsWith('fe80:'))
  const text = global ? 'on, with an address of its own' : 'on, without an address outside'
  return { name: 'ipv6', status: 'ok', text }
}

/** All of them, in the order in which a person should mend things. Changes nothing. */
export const checkMachine = async ({
  ports = [500, 4500],
}: { readonly ports?: readonly number[] } = {}): Promise<readonly Check[]> => [
  checkTun(),
  checkPrivilege(),
  await checkIpTool(),
  await checkUserNamespaces(),
  await checkResolver(),
  checkClock(),
  ...ports.map(checkPort),
  checkIpv6(),
  checkNftables(),
]
