/** The files that a person would have: the gateway's configuration, the client's profile, and the password's. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoProfileId } from '../app/demo-lines.ts'
import type { DemoPki } from './certificates.ts'
import { places } from './places.ts'

export interface DemoFiles {
  readonly gatewayConfig: string
  readonly profile: string
  readonly password: string
}

export function writeFiles(pki: DemoPki): DemoFiles {
  const write = (name: string, content: string | object): string => {
    const path = join(places.folder, name)
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2), {
      mode: 0o600,
    })
    return path
  }
  write('gateway.pem', pki.gateway)
  write('gateway.key', pki.gatewayKey)
  const password = write('password', `${randomBytes(12).toString('base64url')}\n`)
  return {
    password,
    gatewayConfig: write('gateway.json', {
      version: 1,
      listen: { addresses: [places.gateway.address] },
      identity: places.gateway.name,
      authentication: { method: 'certificate', certificateFile: 'gateway.pem', keyFile: 'gateway.key' },
      clients: { eap: { methods: ['mschapv2'], users: [{ name: places.user, passwordFile: 'password' }] } },
      pools: { ipv4: places.pool },
      networks: [places.office.network],
      dns: { servers: [places.office.address], domains: [places.dnsDomain] },
    }),
    profile: write('office.json', {
      version: 1,
      id: demoProfileId,
      name: places.profileName,
      gateway: { address: places.gateway.name },
      ikeVersion: 2,
      local: {
        authentication: {
          method: 'eap',
          username: places.user,
          password: { from: 'file', path: password },
        },
      },
      remote: { authentication: { method: 'certificate', authorities: [pki.authority] } },
      virtualAddress: { ipv4: true, ipv6: false },
      traffic: { remote: [places.office.network], local: [] },
    }),
  }
}
