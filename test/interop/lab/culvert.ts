/** Culvert's own command line as the client: `culvert up PROFILE --json` in the client's namespace. */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ConnectionStatus } from '../../../src-shared/status.ts'
import { writeCulvertProfile } from './culvert-profile.ts'
import type { Lab } from './lab.ts'
import { run, start, until } from './processes.ts'
import type { Finished, Running } from './processes.ts'
import { repositoryRoot } from './repository.ts'
import type { Spis, VpnClient } from './vpn-client.ts'

/** One line of `up --json`, as far as the tests read it. */
interface StateLine {
  readonly state?: { readonly kind?: string; readonly failure?: { readonly code?: string } } | string
  readonly failure?: { readonly code?: string }
  readonly error?: { readonly code?: string }
}

/** CULVERT_CLI names another build, e.g. one that nobody rebuilds meanwhile. */
export const cliPath: string = process.env['CULVERT_CLI'] ?? join(repositoryRoot, 'dist', 'cli.js')

export interface Culvert extends VpnClient {
  /** Runs another command of the command line, e.g. `status --json`, to its end. */
  command(...words: readonly string[]): Promise<Finished>
  /** Of the SAs that stand, as `status` names them. */
  spis(): Promise<Spis>
  /** The process of `up` that runs now. */
  process(): Running | undefined
  readonly logFile: string
}

const kindOf = (line: StateLine): string | undefined =>
  typeof line.state === 'string' ? line.state : line.state?.kind

const codeOf = (line: StateLine): string | undefined =>
  line.failure?.code ??
  line.error?.code ??
  (typeof line.state === 'object' ? line.state.failure?.code : undefined)

/** `words`: further ones for `up`; what is in front runs it, e.g. `unshare -m …`. */
export const createCulvert = (
  lab: Lab,
  {
    words = [],
    inFront = [],
  }: { readonly words?: readonly string[]; readonly inFront?: readonly string[] } = {},
): Culvert => {
  if (!existsSync(cliPath)) throw new Error('dist/cli.js is missing: run `npm run build` first')
  const folder = join(lab.folder, 'culvert')
  const env = {
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_RUNTIME_DIR: join(folder, 'run'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CACHE_HOME: join(folder, 'cache'),
  }
  for (const path of Object.values(env)) mkdirSync(path, { recursive: true, mode: 0o700 })
  const namespace = lab.network.client
  let up: Running | undefined

  const command = (...words: readonly string[]): Promise<Finished> =>
    run([process.execPath, cliPath, ...words], { namespace, env })
  const status = async (): Promise<ConnectionStatus> => {
    const finished = await command('status', '--json')
    if (finished.status !== 0) throw new Error(`culvert status: ${finished.stderr}${finished.stdout}`)
    const [first] = JSON.parse(finished.stdout) as readonly ConnectionStatus[]
    if (first === undefined) throw new Error(`culvert status says no connection: ${finished.stdout}`)
    return first
  }
  const linesOf = (running: Running): readonly StateLine[] =>
    running.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as StateLine)
  const text = (running: Running): string => [...running.lines, ...running.errors].join('\n')

  return {
    label: 'culvert',
    appliesDns: true,
    restores: true,
    command,
    process: () => up,
    logFile: join(env.XDG_RUNTIME_DIR, 'culvert', 'culvert.log'),
    spis: async () => {
      const { ikeSas } = await status()
      const children = ikeSas.flatMap((sa) => sa.childSas)
      return {
        ike: ikeSas.map((sa) => `${sa.initiatorSpi}${sa.responderSpi}`).join(),
        child: children.map((child) => `${child.inboundSpi}/${child.outboundSpi}`).join(),
      }
    },
    connect: async (scenario) => {
      const profile = await writeCulvertProfile(scenario, lab.pki, join(folder, 'profile'))
      const running = start([...inFront, process.execPath, cliPath, 'up', profile, '--json', ...words], {
        namespace,
        env,
      })
      up = running
      const connected = await until(
        `culvert to connect or to say why not:\n${text(running)}`,
        () => {
          if (linesOf(running).some((line) => kindOf(line) === 'connected')) return 'connected' as const
          return running.alive ? undefined : ('ended' as const)
        },
        scenario.timeoutMs ?? 40_000,
        10,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${text(running)}\n--- gateway\n${lab.gateway.log()}`)
      })
      if (connected === 'ended') {
        const exitStatus = await running.ended
        const code = linesOf(running)
          .map(codeOf)
          .findLast((one) => one !== undefined)
        const log = code === 'internal' ? (await command('log')).stdout : ''
        return { kind: 'failed', code, exitStatus, text: `${text(running)}\n${log}` }
      }
      return {
        kind: 'connected',
        session: {
          view: async () => {
            const { ikeSas, virtualAddresses, traffic } = await status()
            const ike = ikeSas.at(-1)
            const child = ike?.childSas.at(-1)
            if (ike === undefined || child === undefined) throw new Error('culvert status names no SA')
            return {
              ike: ike.suite,
              esp: child.suite,
              virtualAddresses,
              remoteSelectors: child.remoteSelectors,
              // Of the whole connection: an SA that was just rekeyed has counted nothing yet.
              bytesIn: traffic.inbound.bytes,
              bytesOut: traffic.outbound.bytes,
            }
          },
          // The profile's lifetimes make it rekey by itself; the caller waits for what the gateway sees.
          rekey: () => Promise.resolve(),
          states: () => linesOf(running).flatMap((line) => kindOf(line) ?? []),
          disconnect: async () => {
            // `ip netns exec` became the program itself, so the signal reaches it.
            const exitStatus = await running.stop('SIGINT', 10_000)
            if (exitStatus !== 0) throw new Error(`culvert up ended with ${exitStatus}:\n${text(running)}`)
          },
        },
      }
    },
    close: async () => {
      if (up?.alive === true) await up.stop('SIGTERM', 5000)
      up = undefined
      rmSync(join(folder, 'profile'), { recursive: true, force: true })
    },
  }
}
