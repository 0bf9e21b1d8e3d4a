/** A strongSwan daemon in a namespace: its configuration as data, its life, what it says about its SAs. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './machine.ts'
import { delay, run, start, until } from './processes.ts'
import type { Finished, Running } from './processes.ts'
import type { StrongswanSuite } from './suite-names.ts'
import type { Spis } from './vpn-client.ts'
import { parseRaw } from './vici-text.ts'
import type { RawValue } from './vici-text.ts'

/** A section of strongswan.conf or swanctl.conf: a value, a list written with commas, or a section. */
export interface Settings {
  readonly [key: string]: string | number | boolean | readonly string[] | Settings | undefined
}

const isSection = (value: Settings[string]): value is Settings =>
  typeof value === 'object' && !Array.isArray(value)

/** One setting a line, as both files want it. */
export const writeSettings = (settings: Settings, indent = ''): string =>
  Object.entries(settings)
    .map(([key, value]) => {
      if (value === undefined) return ''
      if (isSection(value)) return `${indent}${key} {\n${writeSettings(value, indent + '  ')}${indent}}\n`
      if (typeof value === 'boolean') return `${indent}${key} = ${value ? 'yes' : 'no'}\n`
      if (typeof value === 'string' && /[#"{}=\n]|^$|^\s|\s$/.test(value)) {
        return `${indent}${key} = "${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"\n`
      }
      return `${indent}${key} = ${typeof value === 'object' ? value.join(', ') : value}\n`
    })
    .join('')

/** In the order of strongSwan's own configuration, for the first plugin that offers a thing gives it: AES-GCM comes from OpenSSL. */
const plugins =
  'aesni aes sha2 sha1 md5 mgf1 random nonce x509 constraints pubkey pkcs1 pkcs8 pem openssl gcrypt ' +
  'curve25519 chapoly xcbc cmac hmac kdf ctr ccm gcm drbg ' +
  'attr kernel-libipsec kernel-netlink socket-default updown vici counters ' +
  'eap-identity eap-mschapv2 eap-gtc eap-md5 eap-tls eap-ttls eap-radius xauth-generic'

const baseSettings = (folder: string): Settings => ({
  load: plugins,
  // The retransmissions of strongSwan's defaults take minutes; a test wants seconds.
  retransmit_tries: 4,
  retransmit_timeout: 1,
  retransmit_base: 1.4,
  plugins: {
    vici: { socket: `unix://${join(folder, 'vici.sock')}` },
    'kernel-libipsec': { load: true, allow_peer_ts: true },
    'eap-gtc': { backend: 'generic' },
  },
  syslog: { daemon: { default: -1 } },
  journal: { default: -1 },
  filelog: {
    file: {
      path: join(folder, 'charon.log'),
      time_format: '%H:%M:%S',
      time_add_ms: true,
      append: false,
      flush_line: true,
      default: 1,
      ike: 2,
      cfg: 1,
      net: 1,
      enc: 1,
      esp: 1,
      knl: 1,
    },
  },
})

/** Lays one tree of settings over another. */
const merge = (base: Settings, over: Settings): Settings => {
  const merged: Record<string, Settings[string]> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key]
    merged[key] = isSection(value) && isSection(below) ? merge(below, value) : value
  }
  return merged
}

/** Files beside swanctl.conf, by folder and name, e.g. `x509/gateway.pem`. */
export type CredentialFiles = Readonly<Record<string, string>>

export interface StrongswanConfiguration {
  /** connections, pools, secrets, authorities of swanctl.conf. */
  readonly swanctl: Settings
  readonly files?: CredentialFiles
  /** Laid over the daemon's own settings; a change restarts it. */
  readonly charon?: Settings
}

export interface StrongswanChild {
  readonly name: string
  readonly state: string
  readonly spiIn: string
  readonly spiOut: string
  readonly bytesIn: number
  readonly bytesOut: number
  readonly packetsIn: number
  readonly packetsOut: number
  readonly encapsulated: boolean
  readonly extended: boolean
  readonly suite: StrongswanSuite
  readonly localSelectors: readonly string[]
  readonly remoteSelectors: readonly string[]
}

export interface StrongswanIkeSa {
  readonly name: string
  readonly state: string
  readonly uniqueId: string
  readonly initiatorSpi: string
  readonly responderSpi: string
  readonly remoteHost: string
  readonly remoteId: string
  readonly remoteEapId: string | undefined
  readonly virtualAddresses: readonly string[]
  readonly suite: StrongswanSuite
  readonly children: readonly StrongswanChild[]
}

export interface Strongswan {
  readonly namespace: string
  readonly folder: string
  /** Brings the daemon up with this configuration, restarted only where its own settings changed. */
  configure(configuration: StrongswanConfiguration): Promise<void>
  swanctl(...options: readonly string[]): Promise<Finished>
  sas(): Promise<readonly StrongswanIkeSa[]>
  /** What it logged since the last `configure`. */
  log(): string
  /** Ends it without a word to its peers. */
  kill(): Promise<void>
  restart(): Promise<void>
  freeze(): void
  thaw(): void
  pid(): number
  close(): Promise<void>
}

const text = (value: RawValue | undefined): string => (typeof value === 'string' ? value : '')
const isList = (value: RawValue | undefined): value is readonly RawValue[] => Array.isArray(value)
const list = (value: RawValue | undefined): readonly string[] =>
  isList(value) ? value.map((entry) => text(entry)) : []
const section = (value: RawValue | undefined): Readonly<Record<string, RawValue>> =>
  typeof value === 'object' && !Array.isArray(value) ? (value as Readonly<Record<string, RawValue>>) : {}

const readSuite = (raw: Readonly<Record<string, RawValue>>): StrongswanSuite => ({
  encryption: text(raw['encr-alg']),
  keyBits: text(raw['encr-keysize']),
  integrity: text(raw['integ-alg']),
  prf: text(raw['prf-alg']),
  group: text(raw['dh-group']),
})

const readChild = (raw: Readonly<Record<string, RawValue>>): StrongswanChild => ({
  name: text(raw['name']),
  state: text(raw['state']),
  spiIn: text(raw['spi-in']),
  spiOut: text(raw['spi-out']),
  bytesIn: Number(text(raw['bytes-in'])),
  bytesOut: Number(text(raw['bytes-out'])),
  packetsIn: Number(text(raw['packets-in'])),
  packetsOut: Number(text(raw['packets-out'])),
  encapsulated: text(raw['encap']) === 'yes',
  extended: text(raw['esn']) === '1',
  suite: readSuite(raw),
  localSelectors: list(raw['local-ts']),
  remoteSelectors: list(raw['remote-ts']),
})

const readIkeSa = (name: string, raw: Readonly<Record<string, RawValue>>): StrongswanIkeSa => ({
  name,
  state: text(raw['state']),
  uniqueId: text(raw['uniqueid']),
  initiatorSpi: text(raw['initiator-spi']),
  responderSpi: text(raw['responder-spi']),
  remoteHost: text(raw['remote-host']),
  remoteId: text(raw['remote-id']),
  remoteEapId: raw['remote-eap-id'] === undefined ? undefined : text(raw['remote-eap-id']),
  virtualAddresses: [...list(raw['remote-vips']), ...list(raw['local-vips'])],
  suite: readSuite(raw),
  children: Object.values(section(raw['child-sas'])).map((child) => readChild(section(child))),
})

export const createStrongswan = (namespace: string, folder: string): Strongswan => {
  const socket = join(folder, 'vici.sock')
  const logFile = join(folder, 'charon.log')
  const confFile = join(folder, 'strongswan.conf')
  let daemon: Running | undefined
  let settings = ''
  let logStart = 0

  /** A copy of our own: AppArmor's profiles go by path and would keep the daemon from our folder. */
  const program = (name: string): string => {
    const copy = join(folder, name)
    if (!existsSync(copy)) copyFileSync(findProgram(name) ?? `/usr/sbin/${name}`, copy)
    return copy
  }
  const readLog = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '')
  const environment = { STRONGSWAN_CONF: confFile, SWANCTL_DIR: folder }
  const swanctl = (...options: readonly string[]): Promise<Finished> =>
    run([program('swanctl'), ...options, '--uri', `unix://${socket}`], { env: environment })

  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    await daemon?.stop(signal, 3000)
    daemon = undefined
    rmSync(socket, { force: true })
    // A daemon that was killed leaves its TUN device's policy rules and routes; the next one makes its own.
    for (const family of ['-4', '-6']) {
      await run(['ip', family, '-n', namespace, 'rule', 'del', 'table', '220'])
      await run(['ip', family, '-n', namespace, 'route', 'flush', 'table', '220'])
    }
  }
  const launch = async (): Promise<void> => {
    daemon = start([program('charon-systemd')], { namespace, env: environment })
    const started = daemon
    await until(
      'charon to listen',
      () => {
        if (!started.alive)
          throw new Error(`charon ended at once: ${started.errors.join('\n')}\n${readLog()}`)
        return existsSync(socket) ? true : undefined
      },
      10_000,
      10,
    )
  }
  const load = async (): Promise<void> => {
    const finished = await swanctl(
      '--load-all',
      '--noprompt',
      '--clear',
      '--file',
      join(folder, 'swanctl.conf'),
    )
    if (finished.status !== 0) {
      throw new Error(`swanctl --load-all: ${finished.stderr}${finished.stdout}`)
    }
  }

  return {
    namespace,
    folder,
    configure: async (configuration) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const wanted = writeSettings({
        'charon-systemd': merge(baseSettings(folder), configuration.charon ?? {}),
      })
      for (const kind of ['x509', 'x509ca', 'private']) {
        rmSync(join(folder, kind), { recursive: true, force: true })
        mkdirSync(join(folder, kind), { mode: 0o700 })
      }
      for (const [path, content] of Object.entries(configuration.files ?? {})) {
        writeFileSync(join(folder, path), content, { mode: 0o600 })
      }
      writeFileSync(join(folder, 'swanctl.conf'), writeSettings(configuration.swanctl), { mode: 0o600 })
      if (wanted !== settings || daemon?.alive !== true) {
        await stop('SIGTERM')
        writeFileSync(confFile, wanted)
        settings = wanted
        await launch()
        logStart = 0
      } else {
        logStart = readLog().length
      }
      await load()
    },
    swanctl,
    sas: async () => {
      const finished = await swanctl('--list-sas', '--raw')
      if (finished.status !== 0) throw new Error(`swanctl --list-sas: ${finished.stderr}`)
      return parseRaw(finished.stdout)
        .filter((event) => event.name === 'list-sa')
        .flatMap((event) => Object.entries(event.body))
        .map(([name, raw]) => readIkeSa(name, section(raw)))
    },
    log: () => readLog().slice(logStart),
    kill: () => stop('SIGKILL'),
    restart: async () => {
      await stop('SIGKILL')
      await launch()
      await load()
      logStart = 0
      await delay(10)
    },
    freeze: () => daemon?.kill('SIGSTOP'),
    thaw: () => daemon?.kill('SIGCONT'),
    pid: () => daemon?.pid ?? -1,
    close: async () => {
      await stop('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Of all SAs that are not quite gone; comma-separated while there is more than one. */
export const standingSpis = async (daemon: Strongswan): Promise<Spis> => {
  const sas = (await daemon.sas()).filter((sa) => sa.state !== 'CONNECTING')
  const children = sas.flatMap((sa) => sa.children).filter((child) => child.state !== 'DELETED')
  return {
    ike: sas.map((sa) => `${sa.initiatorSpi}${sa.responderSpi}`).join(),
    child: children.map((child) => `${child.spiIn}${child.spiOut}`).join(),
  }
}

export const mustSwanctl = async (daemon: Strongswan, ...options: readonly string[]): Promise<string> => {
  const finished = await daemon.swanctl(...options)
  if (finished.status !== 0) {
    throw new Error(`swanctl ${options.join(' ')}: ${finished.stderr}${finished.stdout}\n${daemon.log()}`)
  }
  return finished.stdout
}
