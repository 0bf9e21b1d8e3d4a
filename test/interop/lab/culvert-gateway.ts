/** Culvert's own gateway in the gateway's namespace: `culvert gateway --config FILE`, configured from the same scenarios. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { GatewayProfile } from '../../../src-main/gateway/gateway-profile.ts'
import { cliPath } from './culvert.ts'
import { gatewayOf } from './defaults.ts'
import type { Lab } from './lab.ts'
import { addresses } from './network.ts'
import { start, until } from './processes.ts'
import type { Running } from './processes.ts'
import type { Credential, Scenario } from './scenario.ts'

export interface CulvertGateway {
  readonly process: Running
  log(): string
  /** Ends it as an administrator would, and gives its exit status. */
  stop(): Promise<number>
}

/** What the scenario's gateway is in Culvert's words. */
const writeConfiguration = async (scenario: Scenario, lab: Lab, folder: string): Promise<string> => {
  const side = gatewayOf(scenario)
  const file = (name: string, content: string): string => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
  const authentication = async (): Promise<unknown> => {
    if (side.proves.method === 'psk') return { method: 'psk' }
    const issued = await lab.pki.get(side.proves.certificate)
    const chain = [issued, ...issued.intermediates].map((one) => one.pem).join('')
    return {
      method: 'certificate',
      certificateFile: file('gateway.pem', chain),
      keyFile: file('gateway.key', issued.keyPem),
    }
  }
  const clients = async (asks: Credential): Promise<unknown> => {
    switch (asks.method) {
      case 'psk':
        return { psk: [{ identity: '%any', secretFile: file('psk', `${asks.secret}\n`) }] }
      case 'certificate':
        return { certificate: { authorityFiles: [file('root.pem', (await lab.pki.get('root')).pem)] } }
      case 'eap-tls':
        throw new Error('our gateway has no EAP-TLS')
      case 'eap':
        return {
          eap: {
            methods: [asks.eap],
            users: [{ name: asks.username, passwordFile: file('password', `${asks.password}\n`) }],
          },
        }
    }
  }
  for (const [name, content] of Object.entries(side.culvertFiles ?? {})) file(name, content)
  const configuration = {
    version: 1,
    identity: side.identity,
    authentication: await authentication(),
    clients: await clients(side.asks),
    pools: Object.fromEntries(side.pools.map((family) => [family, addresses.pool[family]])),
    networks: side.networks,
    dns: { servers: side.pools.map((family) => addresses.office[family]), domains: ['office.test'] },
    proposals: { ike: side.ike, esp: side.esp },
    ...side.culvert,
  }
  v.parse(GatewayProfile, configuration)
  return file('gateway.json', JSON.stringify(configuration, undefined, 2))
}

export const startCulvertGateway = async (scenario: Scenario, lab: Lab): Promise<CulvertGateway> => {
  const folder = join(lab.folder, 'culvert-gateway')
  rmSync(folder, { recursive: true, force: true })
  const env = Object.fromEntries(
    (['CONFIG_HOME', 'DATA_HOME', 'RUNTIME_DIR', 'STATE_HOME'] as const).map((name) => {
      const path = join(folder, name.toLowerCase())
      mkdirSync(path, { recursive: true, mode: 0o700 })
      return [`XDG_${name}`, path]
    }),
  )
  const namespace = lab.network.gateway
  const configuration = await writeConfiguration(scenario, lab, folder)
  const program = start([process.execPath, cliPath, 'gateway', '--config', configuration, '--json'], {
    namespace,
    env,
  })
  const log = (): string => [...program.lines, ...program.errors].join('\n')
  await until(
    'Culvert’s gateway to listen',
    () => {
      if (!program.alive) throw new Error(`culvert gateway ended at once:\n${log()}`)
      return program.lines.some((line) => line.includes('"kind":"listening"')) ? true : undefined
    },
    10_000,
    10,
  )
  return { process: program, log, stop: () => program.stop('SIGTERM', 10_000) }
}
