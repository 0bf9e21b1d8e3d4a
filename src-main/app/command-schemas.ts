/** The arguments of every command, as schemas: what arrives from a window or another process is checked before anything is done. */
import * as v from 'valibot'
import type {
  BridgeOver,
  Commands,
  CommandTable,
  ConnectionCommands,
  Slices,
} from '../../src-shared/contract.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { exportFormats } from '../../src-shared/export.ts'
import { Profile } from '../../src-shared/profile.ts'
import type { Result } from '../../src-shared/result.ts'
import { fail } from '../../src-shared/result.ts'
import { Settings } from '../../src-shared/settings.ts'

/** For each command of a table the schema of its arguments. */
export type ArgumentSchemas<C extends CommandTable<C>> = {
  readonly [Name in keyof C]: v.GenericSchema<unknown, C[Name]['arguments']>
}

const shortText = v.pipe(v.string(), v.maxLength(1024))
const number = v.pipe(v.number(), v.safeInteger())
const id = v.pipe(v.string(), v.uuid())
const ids = v.pipe(v.array(id), v.maxLength(2000))
const nothing = v.strictObject({})
/** Passwords and keys as text. */
const secret = v.pipe(v.string(), v.maxLength(4096))
/** A private key's PEM text, or the base64 of a PKCS#12 file. */
const longSecret = v.pipe(v.string(), v.maxLength(400_000))

/** Base64 characters of all files of one import together; far above any real set of profile, certificates and keys. */
const IMPORT_LIMIT = 8_388_608
const importedFile = v.strictObject({
  name: v.pipe(v.string(), v.maxLength(255)),
  base64: v.pipe(v.string(), v.maxLength(IMPORT_LIMIT), v.regex(/^[A-Za-z0-9+/]*={0,2}$/)),
})

const importedFiles = v.pipe(
  v.array(importedFile),
  v.minLength(1),
  v.maxLength(64),
  v.check((files) => files.reduce((sum, { base64 }) => sum + base64.length, 0) <= IMPORT_LIMIT),
)

export const connectionSchemas: ArgumentSchemas<ConnectionCommands> = {
  connect: v.strictObject({ profileId: shortText }),
  disconnect: v.strictObject({ profileId: v.exactOptional(shortText) }),
  answer: v.strictObject({ id: number, secret }),
  decline: v.strictObject({ id: number }),
}

const { entries: setting } = Settings

export const argumentSchemas: ArgumentSchemas<Commands> = {
  ...connectionSchemas,
  checkProfile: v.strictObject({ draft: v.unknown() }),
  saveProfile: v.strictObject({
    profile: Profile,
    secrets: v.pipe(
      v.array(
        v.strictObject({
          kind: v.picklist(['psk', 'gateway-psk', 'password', 'key', 'key-password']),
          secret: longSecret,
        }),
      ),
      v.maxLength(5),
    ),
  }),
  duplicateProfile: v.strictObject({ profileId: id }),
  deleteProfiles: v.strictObject({ profileIds: ids }),
  restoreProfiles: v.strictObject({ profileIds: ids }),
  arrangeProfiles: v.strictObject({
    entries: v.pipe(
      v.array(
        v.strictObject({
          profileId: id,
          folder: v.exactOptional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(128))),
          favourite: v.boolean(),
        }),
      ),
      v.maxLength(2000),
    ),
  }),
  forgetSecrets: v.strictObject({ profileId: id }),

  previewImport: v.strictObject({
    files: importedFiles,
    username: v.exactOptional(shortText),
    password: v.exactOptional(secret),
  }),
  previewAgain: v.strictObject({
    id: number,
    username: v.exactOptional(shortText),
    password: v.exactOptional(secret),
  }),
  keepImport: v.strictObject({ id: number, profileIds: ids }),
  discardImport: v.strictObject({ id: number }),

  exportProfile: v.strictObject({ profileId: id, format: v.picklist(exportFormats) }),
  exportBundle: v.strictObject({ profileId: id, password: secret }),
  addCertificates: v.strictObject({
    files: importedFiles,
    password: v.exactOptional(secret),
    protectWith: v.exactOptional(secret),
  }),
  removeCertificate: v.strictObject({ certificateId: id }),

  readProposal: v.strictObject({ kind: v.picklist(['ike', 'esp']), text: shortText }),

  changeSettings: v.strictObject({
    connectAtLogin: v.exactOptional(setting.connectAtLogin.wrapped),
    reconnect: v.exactOptional(setting.reconnect.wrapped),
    killSwitch: v.exactOptional(setting.killSwitch.wrapped),
    startMinimised: v.exactOptional(setting.startMinimised.wrapped),
    theme: v.exactOptional(setting.theme.wrapped),
    language: v.exactOptional(setting.language.wrapped),
    notifications: v.exactOptional(setting.notifications.wrapped),
    keyExport: v.exactOptional(setting.keyExport.wrapped),
  }),
  startDemo: nothing,
  stopDemo: nothing,
  checkNetwork: v.strictObject({ profileId: v.exactOptional(shortText) }),
  makeReport: nothing,
  clearExchanges: nothing,
  dismissNotice: v.strictObject({ id: number }),
  releaseKillSwitch: nothing,
}

export const isConnectionCommand = (name: string): name is keyof ConnectionCommands =>
  Object.hasOwn(connectionSchemas, name)
export const isCommandName = (name: string): name is keyof Commands => Object.hasOwn(argumentSchemas, name)

const sliceNames: Readonly<Record<keyof Slices, true>> = {
  connections: true,
  log: true,
  exchanges: true,
  library: true,
  certificates: true,
  settings: true,
  suites: true,
  demo: true,
  incomingImport: true,
  about: true,
  notices: true,
}
export const isSliceName = (name: string): name is keyof Slices => Object.hasOwn(sliceNames, name)

/** Calls the command when its argument is of the right shape; fails with 'usage' when it is not. */
export async function callChecked<C extends CommandTable<C>, S, Name extends keyof C>(
  bridge: BridgeOver<C, S>,
  schemas: ArgumentSchemas<C>,
  name: Name,
  argument: unknown,
): Promise<Result<C[Name]['result'], Failure>> {
  const schema: v.GenericSchema<unknown, C[Name]['arguments']> = schemas[name]
  const parsed = v.safeParse(schema, argument)
  if (parsed.success) return bridge.call(name, parsed.output)
  return fail({ code: 'usage', details: { problem: 'The arguments of this command are not valid.' } })
}
