/**
 * All that the desktop app's window talks to, behind one Bridge: this process's connections and those of others, the library,
 * imports, settings, suites, the demo office. Knows nothing of windows.
 */
import { dirname, join } from 'node:path'
import type { About, Bridge } from '../../src-shared/contract.ts'
import type { Failure } from '../../src-shared/errors.ts'
import type { Library } from '../../src-shared/library.ts'
import { createCrypto } from '../host/crypto/node-crypto.ts'
import { createPacketCrypto } from '../host/crypto/packet-crypto.ts'
import { createProfileStore } from '../profiles/store.ts'
import { describeAbout, expectedDataPlane } from './about.ts'
import type { EngineLike } from './app.ts'
import { createApp } from './app.ts'
import { serveBridge } from './bridge-server.ts'
import { carryAll } from './carried-connections.ts'
import { controlSocketPath } from './control-sockets.ts'
import { cryptoCapabilities } from './crypto-capabilities.ts'
import { openCertificates } from './certificate-keeper.ts'
import { certificatesDirectory, createCertificateStore } from './certificate-store.ts'
import type { DemoProgram } from './demo-office.ts'
import { createDemoOffice } from './demo-office.ts'
import { createDesktopBridge } from './desktop-bridge.ts'
import type { Directories } from './directories.ts'
import { ensureRuntimeDirectory } from './directories.ts'
import { createExportDesk } from './export-desk.ts'
import type { GivenFile } from './import-desk.ts'
import { createImportDesk } from './import-desk.ts'
import type { Keyring } from './keyring.ts'
import { openLibrary } from './library-keeper.ts'
import type { LogKeeper } from './log.ts'
import { checkNetwork } from './network-check.ts'
import { createNotices } from './notices.ts'
import { watchOtherProcesses } from './other-processes.ts'
import { makeReport } from './report.ts'
import { createSecretStore } from './secret-store.ts'
import { seeExchanges } from './seen-exchanges.ts'
import { openSettings } from './settings-keeper.ts'
import { createSlice } from './slice.ts'
import type { Suites } from './suite-catalogue.ts'
import { createSuites } from './suite-catalogue.ts'

export interface DesktopParts {
  readonly engine: EngineLike
  readonly directories: Directories
  readonly keyring: Keyring | undefined
  readonly keyringState: About['keyring']
  readonly log: LogKeeper
  /** The bundled helper's file. */
  readonly helperPath: string
  /** Absent: this installation comes without the demo office. */
  readonly demo?: DemoProgram
  readonly about: { readonly version: string; readonly runtime: string; readonly dataPlane?: string }
  readonly now?: () => number
}

export interface DesktopApp {
  readonly bridge: Bridge
  /** Opened files and links: shown as the slice `incomingImport`. */
  openFiles(files: readonly GivenFile[]): void
  /** Shows a failure that no connection owns, once. */
  notice(failure: Failure): void
  /** What nobody caught; `where` names the process. */
  caught(error: unknown, where: string): void
  /** This machine woke up. */
  woke(): void
  /** Takes the demo down, disconnects all, forgets the secrets of what was deleted, closes the engine. The log stays the caller's. */
  close(): Promise<void>
}

const noKeyring: Readonly<Record<'locked' | 'none', string>> = {
  locked:
    'The keyring of this desktop is locked, so passwords are asked for each time. Unlock it and start Culvert again.',
  none: 'This desktop has no keyring (Secret Service), so passwords are asked for each time.',
}

/** Reads what is kept, listens for terminals, and watches what they do. Rejects with VpnError when it cannot listen. */
export async function openDesktopApp(parts: DesktopParts): Promise<DesktopApp> {
  const { engine, directories, keyring, keyringState, log, now = Date.now } = parts
  const kept = dirname(directories.profiles)
  const notices = createNotices(log.log, now)
  const notice = (failure: Failure): void => notices.add(failure)
  const keepsSecrets: Library['keepsSecrets'] =
    keyringState === 'available' ? { yes: true } : { yes: false, reason: noKeyring[keyringState] }
  const profiles = createProfileStore(directories.profiles)
  const secretStore = createSecretStore(directories.keys, keyringState === 'available' ? keyring : undefined)

  ensureRuntimeDirectory(directories.runtime)
  const settings = await openSettings({
    file: join(kept, 'settings.json'),
    keyExportDirectory: join(directories.runtime, 'wireshark'),
    engine,
    notice,
  })
  const library = await openLibrary({
    profiles,
    secretStore,
    file: join(kept, 'library.json'),
    keepsSecrets,
    log: log.log,
  })
  const app = createApp({
    engine,
    async findProfile(id) {
      const profile = await profiles.find(id)
      return { ...profile, reconnect: profile.reconnect && settings.slice.read().reconnect }
    },
    secretStore,
    log,
    baseDirectory: directories.profiles,
  })
  const socket = controlSocketPath(directories.runtime)
  const server = await serveBridge(app.bridge, socket)
  const others = watchOtherProcesses(socket, log.log)
  others.watch(directories.runtime)
  const connections = await carryAll(app, others, (profileId) => {
    library.connected(profileId, now()).catch((error: unknown) => notices.caught(error, 'library'))
  })
  const exchanges = seeExchanges(engine.exchanges, others.exchanges)
  const imports = createImportDesk({ profiles, secretStore, keepsSecrets })
  const certificateStore = createCertificateStore(certificatesDirectory(directories), secretStore)
  const certificates = await openCertificates(certificateStore, profiles)
  const exports = createExportDesk({ profiles, secretStore, certificates: certificateStore })
  const demo = createDemoOffice({
    program: parts.demo,
    watchProcesses: (directory) => others.watch(directory),
    notice,
    log: log.log,
  })

  /** What carried the latest connection: it says itself why it is no faster one. */
  let plane: string | undefined
  const describe = (): About =>
    describeAbout(
      {
        ...parts.about,
        dataPlane: plane ?? parts.about.dataPlane ?? expectedDataPlane(parts.helperPath),
        helperPath: parts.helperPath,
        keyring: keyringState,
      },
      settings.keyExportPath(),
    )
  const about = createSlice(describe())
  const describers = [
    settings.slice.subscribe(() => about.write(describe())),
    connections.slice.subscribe((all) => {
      const latest = all.find(({ carriedBy, dataPlane }) => carriedBy === 'this' && dataPlane !== undefined)
      if (latest?.dataPlane === undefined || latest.dataPlane === plane) return
      plane = latest.dataPlane
      about.write(describe())
    }),
  ]

  let suites: Suites | undefined
  const bridge = createDesktopBridge({
    app,
    engine,
    connections,
    exchanges,
    log,
    library,
    imports,
    exports,
    certificates,
    // Trying out the crypto takes a moment that the first window need not wait for.
    suites: () => (suites ??= createSuites(cryptoCapabilities(createCrypto(), createPacketCrypto()))),
    settings,
    demo,
    about,
    notices,
    async checkNetwork(profileId) {
      const { checkMachine } = await import('../host/linux/checks.ts')
      const { examinePathFromHere } = await import('./machine-path.ts')
      const entry = library.slice.read().entries.find(({ profile }) => profile.id === profileId)
      return checkNetwork({ machine: checkMachine, path: examinePathFromHere }, entry?.profile)
    },
    async makeReport() {
      const { checkMachine } = await import('../host/linux/checks.ts')
      return makeReport({
        at: now(),
        about: describe(),
        checks: await checkMachine(),
        settings: settings.slice.read(),
        library: library.slice.read(),
        connections: connections.slice.read(),
        log: log.lines(),
      })
    },
  })

  return {
    bridge,
    openFiles(files) {
      imports.receive(files).catch((error: unknown) => notices.caught(error, 'import'))
    },
    notice,
    caught: (error, where) => notices.caught(error, where),
    woke: () => engine.woke?.(),
    async close() {
      await demo.stop()
      await app.close()
      for (const stop of describers) stop()
      exchanges.close()
      connections.close()
      others.close()
      await server.close()
      imports.close()
      await library.close()
    },
  }
}
