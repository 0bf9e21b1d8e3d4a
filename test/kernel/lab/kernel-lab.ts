/** Two hosts on one wire: a namespace where Culvert runs, and a virtual machine with a Linux kernel's own IPsec. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must, mustNow, onExit } from '../../interop/lab/processes.ts'
import { startGuest } from './guest.ts'
import type { Guest } from './guest.ts'
import { readyImage } from './image.ts'

/** `net`: behind each host, on its loopback, for tunnels. */
export const addresses = {
  culvert: { ipv4: '198.51.100.1', ipv6: 'fd00:5::1', net4: '10.1.0.1', net6: 'fd00:a::1' },
  kernel: { ipv4: '198.51.100.2', ipv6: 'fd00:5::2', net4: '10.2.0.1', net6: 'fd00:b::1' },
} as const

export interface KernelLab {
  readonly namespace: string
  readonly guest: Guest
  /** A folder of the run, removed with it. */
  readonly folder: string
  close(): Promise<void>
}

const TAP = 'wire'

export const openKernelLab = async (): Promise<KernelLab> => {
  const namespace = `culvert-kernel-${process.pid}`
  const folder = mkdtempSync(join(tmpdir(), 'culvert-kernel-'))
  const remove = () => {
    rmSync(folder, { recursive: true, force: true })
    try {
      mustNow(['ip', 'netns', 'del', namespace])
    } catch {
      // Not made yet, or gone already.
    }
  }
  const forget = onExit(remove)
  try {
    const guest = await connectHosts(namespace)
    return {
      namespace,
      guest,
      folder,
      async close() {
        await guest.close()
        remove()
        forget()
      },
    }
  } catch (error) {
    remove()
    forget()
    throw error
  }
}

/** Makes the namespace, starts the virtual machine on a wire into it, and gives both their addresses. */
const connectHosts = async (namespace: string): Promise<Guest> => {
  const image = await readyImage()
  await must(['ip', 'netns', 'add', namespace])
  await must(['sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0'], { namespace })
  await must(['ip', 'tuntap', 'add', TAP, 'mode', 'tap'], { namespace })
  const own = addresses.culvert
  const lines = [
    'link set lo up',
    `addr add ${own.net4}/32 dev lo`,
    `addr add ${own.net6}/128 dev lo`,
    `addr add ${own.ipv4}/24 dev ${TAP}`,
    `addr add ${own.ipv6}/64 dev ${TAP} nodad`,
    `link set ${TAP} up`,
  ]
  await must(['ip', '-batch', '-'], { namespace, input: `${lines.join('\n')}\n` })
  const guest = await startGuest(image, namespace, TAP)
  const theirs = addresses.kernel
  const configured = guest.run(
    [
      'set -e',
      // The kernel takes ESP out of UDP for whoever has a socket of that kind (udp(7), UDP_ENCAP), as IKE daemons do.
      `perl -e 'socket(S,2,2,17); bind(S,pack("Sna4x8",2,4500,"\\0"x4)); setsockopt(S,17,100,pack("i",2)); sleep 1e6' >/dev/null 2>&1 3>&- &`,
      `ip addr add ${theirs.ipv4}/24 dev eth0`,
      `ip addr add ${theirs.ipv6}/64 dev eth0 nodad`,
      `ip addr add ${theirs.net4}/32 dev lo`,
      `ip addr add ${theirs.net6}/128 dev lo nodad`,
      `ip route add 10.1.0.0/16 via ${own.ipv4} src ${theirs.net4}`,
      `ip -6 route add ${own.net6}/128 via ${own.ipv6} src ${theirs.net6}`,
    ].join('\n'),
  )
  try {
    await configured
    return guest
  } catch (error) {
    await guest.close()
    throw error
  }
}
