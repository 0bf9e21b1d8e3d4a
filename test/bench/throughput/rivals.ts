/** What is compared: each makes a tunnel from the lab's client to its office, and says which process is the client's. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { generateKeyPairSync } from 'node:crypto'
import { createCulvert } from '../../interop/lab/culvert.ts'
import { startCulvertGateway } from '../../interop/lab/culvert-gateway.ts'
import type { Lab } from '../../interop/lab/lab.ts'
import { findProgram } from '../../interop/lab/machine.ts'
import { addresses } from '../../interop/lab/network.ts'
import { must, start, until } from '../../interop/lab/processes.ts'
import type { Running } from '../../interop/lab/processes.ts'
import type { Scenario } from '../../interop/lab/scenario.ts'
import { createStrongswanClient } from '../../interop/lab/strongswan-client.ts'
import { startOpenvpn } from './openvpn.ts'

export interface Standing {
  /** The process that carries the packets at the client; none without a tunnel. */
  readonly clientPid: number | undefined
  close(): Promise<void>
}

export interface Rival {
  readonly name: string
  /** Why it is not measured here; undefined when it is. */
  readonly missing?: string
  start(lab: Lab): Promise<Standing>
}

export const scenario: Scenario = {
  name: 'throughput',
  gateway: { pools: ['ipv4'], ike: ['aes256gcm16-prfsha384-x25519'], esp: ['aes256gcm16'] },
  outcome: { kind: 'connected' },
}

const connected = async (client: {
  connect(scenario: Scenario): Promise<{ readonly kind: string; readonly text?: string }>
}): Promise<void> => {
  const attempt = await client.connect(scenario)
  if (attempt.kind === 'failed') throw new Error(attempt.text)
}

const withoutTunnel: Rival = {
  name: 'no tunnel (veth)',
  async start(lab) {
    await lab.preparePath(scenario)
    const route = ['ip', '-n', lab.network.router, 'route', 'replace', addresses.officeNetwork.ipv4]
    await must([...route, 'via', addresses.gateway.ipv4])
    return {
      clientPid: undefined,
      close: async () => {
        await must(['ip', '-n', lab.network.router, 'route', 'del', addresses.officeNetwork.ipv4])
      },
    }
  },
}

/** Culvert at both ends, or strongSwan as its gateway. `plane`: see CULVERT_DATA_PLANE in src-main/app/fast-data-plane.ts. */
export const culvert = (name: string, plane: string, gateway: 'own' | 'strongswan'): Rival => ({
  name,
  async start(lab) {
    process.env['CULVERT_DATA_PLANE'] = plane
    let own: Awaited<ReturnType<typeof startCulvertGateway>> | undefined
    if (gateway === 'own') {
      await lab.preparePath(scenario)
      own = await startCulvertGateway(scenario, lab)
    } else await lab.prepare(scenario)
    const client = createCulvert(lab)
    await connected(client)
    const close = async () => {
      await client.close()
      await own?.stop()
    }
    const pid = client.process()?.pid
    return { clientPid: pid, close }
  },
})

const strongswan: Rival = {
  name: 'strongSwan 5.9.8 kernel-libipsec, both ends',
  async start(lab) {
    await lab.prepare(scenario)
    const client = createStrongswanClient(lab)
    await connected(client)
    return { clientPid: await pidIn(lab.network.client, 'charon-systemd'), close: () => client.close() }
  },
}

const openvpn: Rival = {
  name: 'openvpn 2.6 in user space, AES-256-GCM',
  ...(findProgram('openvpn') === undefined ? { missing: 'the package openvpn' } : {}),
  async start(lab) {
    await lab.preparePath(scenario)
    return startOpenvpn(lab)
  },
}

// ---------------------------------------------------------------- wireguard-go, set up through its own socket

const wireguardGo = process.env['WIREGUARD_GO']

const keyPair = () => {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const last32 = (der: Buffer) => der.subarray(-32).toString('hex')
  return {
    publicKey: last32(publicKey.export({ type: 'spki', format: 'der' })),
    privateKey: last32(privateKey.export({ type: 'pkcs8', format: 'der' })),
  }
}

const configure = (device: string, lines: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = createConnection(`/var/run/wireguard/${device}.sock`)
    let answer = ''
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      answer += chunk.toString()
      if (!answer.includes('\n\n')) return
      socket.destroy()
      if (answer.includes('errno=0')) resolve()
      else reject(new Error(`wireguard-go: ${answer}`))
    })
    socket.write(`set=1\n${lines.join('\n')}\n\n`)
  })

const wireguard: Rival = {
  name: 'wireguard-go',
  ...(wireguardGo === undefined ? { missing: 'WIREGUARD_GO, a binary of 2023 or later' } : {}),
  async start(lab) {
    await lab.preparePath(scenario)
    const client = { device: 'wgbenchc', namespace: lab.network.client, address: '10.30.0.2', ...keyPair() }
    const gateway = { device: 'wgbenchg', namespace: lab.network.gateway, address: '10.30.0.1', ...keyPair() }
    const open = async (end: typeof client, other: typeof client, endpoint: readonly string[]) => {
      // One that a run before has left would be taken for the new one's.
      rmSync(`/var/run/wireguard/${end.device}.sock`, { force: true })
      const running: Running = start([wireguardGo ?? '', '-f', end.device], { namespace: end.namespace })
      await until('wireguard-go to open its socket', () =>
        existsSync(`/var/run/wireguard/${end.device}.sock`) ? true : undefined,
      )
      await configure(end.device, [
        `private_key=${end.privateKey}`,
        'listen_port=51820',
        `public_key=${other.publicKey}`,
        ...endpoint,
        'allowed_ip=0.0.0.0/0',
      ])
      const link = ['-n', end.namespace]
      await must(['ip', ...link, 'addr', 'add', `${end.address}/24`, 'dev', end.device])
      await must(['ip', ...link, 'link', 'set', end.device, 'mtu', '1420', 'up'])
      return running
    }
    const far = await open(gateway, client, [])
    const near = await open(client, gateway, [`endpoint=${addresses.gateway.ipv4}:51820`])
    await must([
      'ip',
      '-n',
      client.namespace,
      'route',
      'add',
      addresses.officeNetwork.ipv4,
      'dev',
      client.device,
    ])
    return {
      clientPid: near.pid,
      close: async () => {
        await near.stop()
        await far.stop()
      },
    }
  },
}

/** The process of this name in the namespace. */
async function pidIn(namespace: string, name: string): Promise<number | undefined> {
  const pids = (await must(['ip', 'netns', 'pids', namespace])).split('\n').filter(Boolean).map(Number)
  return pids.find((pid) => readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === name.slice(0, 15))
}

export const rivals: readonly Rival[] = [
  withoutTunnel,
  culvert('Culvert fast, libipsec-mb', 'ipsec-mb,libcrypto', 'own'),
  culvert('Culvert fast, libcrypto', 'libcrypto', 'own'),
  culvert('Culvert fast, node:crypto', 'node', 'own'),
  culvert('Culvert portable', 'portable', 'own'),
  strongswan,
  culvert('Culvert fast, libipsec-mb, with a strongSwan gateway', 'ipsec-mb,libcrypto', 'strongswan'),
  openvpn,
  wireguard,
]
