/** openvpn at both ends, with certificates that each knows by their fingerprint; all packets in user space. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import type { Lab } from '../../interop/lab/lab.ts'
import { addresses } from '../../interop/lab/network.ts'
import { must, start, until } from '../../interop/lab/processes.ts'
import type { Standing } from './rivals.ts'

export async function startOpenvpn(lab: Lab): Promise<Standing> {
  const folder = join(lab.folder, 'openvpn')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const issue = async (name: string) => {
    const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)]
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    const out = ['-keyout', key, '-out', certificate, '-days', '2', '-subj', `/CN=${name}`]
    await must(['openssl', 'req', '-x509', ...curve, ...out])
    const pem = await must(['openssl', 'x509', '-in', certificate])
    writeFileSync(certificate, pem)
    return { key, certificate, fingerprint: new X509Certificate(pem).fingerprint256 }
  }
  const [near, far] = [await issue('client'), await issue('gateway')]
  const common = (own: typeof near, other: typeof near) => [
    'openvpn',
    ...['--dev', 'tun-ovpn', '--dev-type', 'tun', '--disable-dco', '--topology', 'subnet', '--proto', 'udp4'],
    ...['--cert', own.certificate, '--key', own.key, '--peer-fingerprint', other.fingerprint],
    ...[
      '--data-ciphers',
      'AES-256-GCM',
      '--tun-mtu',
      '1420',
      '--mssfix',
      '0',
      '--sndbuf',
      '4194304',
      '--rcvbuf',
      '4194304',
    ],
    ...['--verb', '1', '--port', '1194'],
  ]
  const gateway = start(
    [...common(far, near), '--tls-server', '--dh', 'none', '--ifconfig', '10.30.0.1', '255.255.255.0'],
    { namespace: lab.network.gateway },
  )
  const client = start(
    [
      ...common(near, far),
      ...['--tls-client', '--ifconfig', '10.30.0.2', '255.255.255.0'],
      ...['--remote', addresses.gateway.ipv4, '--route', '10.20.0.0', '255.255.255.0', '10.30.0.1'],
    ],
    { namespace: lab.network.client },
  )
  const text = () => [...client.lines, ...gateway.lines].join('\n')
  await until('openvpn to connect', () => {
    if (!client.alive || !gateway.alive) throw new Error(text())
    return client.lines.some((line) => line.includes('Initialization Sequence Completed')) ? true : undefined
  })
  return {
    clientPid: client.pid,
    close: async () => {
      await client.stop()
      await gateway.stop()
    },
  }
}
