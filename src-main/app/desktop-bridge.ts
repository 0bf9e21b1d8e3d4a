/** The desktop app's commands and slices, each handed to the one part that does it. */
import { Buffer } from 'node:buffer'
import type { Bridge, Commands, Slices } from '../../src-shared/contract.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { NetworkReport } from '../../src-shared/network-report.ts'
import type { Result } from '../../src-shared/result.ts'
import { fail, ok } from '../../src-shared/result.ts'
import type { App, EngineLike } from './app.ts'
import type { CarriedConnections } from './carried-connections.ts'
import { demoProfileId } from './demo-lines.ts'
import type { DemoOffice } from './demo-office.ts'
import type { CertificateKeeper } from './certificate-keeper.ts'
import type { ExportDesk } from './export-desk.ts'
import type { ImportDesk } from './import-desk.ts'
import type { LibraryKeeper } from './library-keeper.ts'
import type { LogKeeper } from './log.ts'
import type { Notices } from './notices.ts'
import { problemsOf } from './profile-problems.ts'
import type { SeenExchanges } from './seen-exchanges.ts'
import type { SettingsKeeper } from './settings-keeper.ts'
import type { Slice } from './slice.ts'
import type { Suites } from './suite-catalogue.ts'

export interface BridgeParts {
  readonly app: App
  readonly engine: Pick<EngineLike, 'releaseKillSwitch'>
  readonly connections: CarriedConnections
  readonly exchanges: SeenExchanges
  readonly log: LogKeeper
  readonly library: LibraryKeeper
  readonly imports: ImportDesk
  readonly exports: ExportDesk
  readonly certificates: CertificateKeeper
  readonly suites: () => Suites
  readonly settings: SettingsKeeper
  readonly demo: DemoOffice
  readonly about: Slice<Slices['about']>
  readonly notices: Notices
  readonly checkNetwork: (profileId: string | undefined) => Promise<NetworkReport>
  readonly makeReport: () => Promise<string>
}

type Handlers = {
  readonly [Name in keyof Commands]: (
    argument: Commands[Name]['arguments'],
  ) => Promise<Result<Commands[Name]['result'], Failure>>
}

/** The result of a task that gives nothing. */
const done = async (task: () => void | Promise<void>): Promise<Result<undefined, Failure>> => {
  await task()
  return ok(undefined)
}

function handlersOf(parts: BridgeParts): Handlers {
  const { app, connections, library, imports, settings, demo, notices } = parts
  /** The deleted profile that was to be connected at login. */
  let loginBefore: string | undefined
  return {
    // Its profile is in no library: connecting it is starting the office.
    connect: ({ profileId }) =>
      profileId === demoProfileId ? done(() => demo.start()) : connections.connect(profileId),
    disconnect: ({ profileId }) => connections.disconnect(profileId),
    answer: (argument) => app.bridge.call('answer', argument),
    decline: (argument) => app.bridge.call('decline', argument),

    checkProfile: ({ draft }) => Promise.resolve(ok(problemsOf(draft, parts.suites()))),
    async saveProfile({ profile, secrets }) {
      const [problem] = problemsOf(profile, parts.suites())
      if (problem !== undefined) throw new VpnError('profile-invalid', { profile: profile.name, ...problem })
      return done(() => library.save(profile, secrets))
    },
    duplicateProfile: async ({ profileId }) => ok({ profileId: await library.duplicate(profileId) }),
    async deleteProfiles({ profileIds }) {
      const carried = connections.slice.read().filter((status) => profileIds.includes(status.profileId))
      for (const { profileId } of carried) {
        const ended = await connections.disconnect(profileId)
        if (!ended.ok && ended.error.code !== 'not-running') return ended
      }
      await library.delete(profileIds)
      const { connectAtLogin } = settings.slice.read()
      if (connectAtLogin === null || !profileIds.includes(connectAtLogin)) return ok(undefined)
      loginBefore = connectAtLogin
      return done(() => settings.change({ connectAtLogin: null }))
    },
    async restoreProfiles({ profileIds }) {
      await library.restore(profileIds)
      const connectAtLogin = loginBefore
      if (connectAtLogin === undefined || !profileIds.includes(connectAtLogin)) return ok(undefined)
      loginBefore = undefined
      return done(() => settings.change({ connectAtLogin }))
    },
    arrangeProfiles: ({ entries }) => done(() => library.arrange(entries)),
    forgetSecrets: ({ profileId }) => done(() => library.forgetSecrets(profileId)),

    async previewImport({ files, username, password }) {
      const given = files.map(({ name, base64 }) => ({
        name,
        bytes: Uint8Array.from(Buffer.from(base64, 'base64')),
      }))
      const opener = password === undefined ? undefined : new TextEncoder().encode(password)
      try {
        const preview = await imports.preview(given, {
          ...(username === undefined ? {} : { username }),
          ...(opener === undefined ? {} : { password: opener }),
        })
        return ok(preview)
      } finally {
        opener?.fill(0)
      }
    },
    async previewAgain({ id, username, password }) {
      const opener = password === undefined ? undefined : new TextEncoder().encode(password)
      try {
        const preview = await imports.again(id, {
          ...(username === undefined ? {} : { username }),
          ...(opener === undefined ? {} : { password: opener }),
        })
        return ok(preview)
      } finally {
        opener?.fill(0)
      }
    },
    async keepImport({ id, profileIds }) {
      const kept = await imports.keep(id, profileIds)
      await library.refresh()
      return ok({ profileIds: kept })
    },
    discardImport: ({ id }) => done(() => imports.discard(id)),

    exportProfile: async ({ profileId, format }) => ok(await parts.exports.write(profileId, format)),
    async exportBundle({ profileId, password }) {
      const bytes = new TextEncoder().encode(password)
      try {
        return ok(await parts.exports.seal(profileId, bytes))
      } finally {
        bytes.fill(0)
      }
    },

    addCertificates: async (given) => ok({ certificateIds: await parts.certificates.add(given) }),
    removeCertificate: ({ certificateId }) => done(() => parts.certificates.remove(certificateId)),

    readProposal({ kind, text }) {
      const read = parts.suites().read(kind, text)
      return Promise.resolve(
        ok(read.ok ? { valid: true, meaning: read.value } : { valid: false, problem: read.error }),
      )
    },

    changeSettings: (changes) => done(() => settings.change(changes)),
    startDemo: () => done(() => demo.start()),
    stopDemo: () => done(() => demo.stop()),
    checkNetwork: async ({ profileId }) => ok(await parts.checkNetwork(profileId)),
    makeReport: async () => ok({ text: await parts.makeReport() }),
    clearExchanges: () => done(() => parts.exchanges.clear()),
    dismissNotice: ({ id }) => done(() => notices.dismiss(id)),
    releaseKillSwitch: () => done(() => parts.engine.releaseKillSwitch?.()),
  }
}

function slicesOf(parts: BridgeParts): { readonly [Name in keyof Slices]: Slice<Slices[Name]> } {
  const { log } = parts
  return {
    connections: parts.connections.slice,
    log: {
      read: () => [...log.lines()],
      subscribe: (listener) => log.onLine(() => listener([...log.lines()])),
    },
    exchanges: parts.exchanges.slice,
    library: parts.library.slice,
    certificates: parts.certificates.slice,
    settings: parts.settings.slice,
    suites: { read: () => parts.suites().catalogue, subscribe: () => () => undefined },
    demo: parts.demo.slice,
    incomingImport: parts.imports.incoming,
    about: parts.about,
    notices: parts.notices.slice,
  }
}

export function createDesktopBridge(parts: BridgeParts): Bridge {
  const handlers = handlersOf(parts)
  const slices = slicesOf(parts)
  return {
    async call<Name extends keyof Commands>(name: Name, argument: Commands[Name]['arguments']) {
      try {
        return await handlers[name](argument)
      } catch (error) {
        if (error instanceof VpnError) return fail(error.failure)
        const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
        parts.log.log('error', 'app', 'A command failed unexpectedly', { name, stack })
        return fail<Failure>({ code: 'internal', details: {} })
      }
    },
    snapshot: <Name extends keyof Slices>(name: Name): Promise<Slices[Name]> =>
      Promise.resolve(slices[name].read()),
    subscribe: <Name extends keyof Slices>(name: Name, listener: (value: Slices[Name]) => void) =>
      slices[name].subscribe(listener),
    close: () => undefined,
  }
}
