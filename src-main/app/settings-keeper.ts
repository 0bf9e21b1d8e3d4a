/** The settings of the whole app: read once, kept in a file, put into effect where this process can. */
import * as v from 'valibot'
import type { Failure } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { Settings } from '../../src-shared/settings.ts'
import { makePrivateDirectory } from '../profiles/store.ts'
import type { EngineLike } from './app.ts'
import { createTurns } from './in-turn.ts'
import { readJsonFile, writeJsonFile } from './json-file.ts'
import type { Slice } from './slice.ts'
import { createSlice } from './slice.ts'

export interface SettingsKeeper {
  readonly slice: Slice<Settings>
  /** Puts the changes into effect, then keeps them. Rejects with VpnError, and nothing has changed then. */
  change(changes: Partial<Settings>): Promise<void>
  /** Where session keys are written now; undefined: nowhere. */
  keyExportPath(): string | undefined
}

export interface SettingsParts {
  readonly file: string
  /** A private directory for the tables that Wireshark reads; below the runtime directory, so that they go when the person logs out. */
  readonly keyExportDirectory: string
  readonly engine: Pick<EngineLike, 'setKeyExport' | 'setKillSwitch'>
  /** Told what went wrong before there was anybody to answer. */
  readonly notice: (failure: Failure) => void
}

const { entries: setting } = Settings
const defaults = v.parse(Settings, {})

/** Each setting by itself: one that a later version wrote, or a person broke, does not take the others with it. */
const storedSettings = v.object({
  connectAtLogin: v.fallback(setting.connectAtLogin, defaults.connectAtLogin),
  reconnect: v.fallback(setting.reconnect, defaults.reconnect),
  killSwitch: v.fallback(setting.killSwitch, defaults.killSwitch),
  startMinimised: v.fallback(setting.startMinimised, defaults.startMinimised),
  theme: v.fallback(setting.theme, defaults.theme),
  language: v.fallback(setting.language, defaults.language),
  notifications: v.fallback(setting.notifications, defaults.notifications),
})

export async function openSettings({
  file,
  keyExportDirectory,
  engine,
  notice,
}: SettingsParts): Promise<SettingsKeeper> {
  const inTurn = createTurns()
  const stored = await readJsonFile(file, storedSettings)
  if (!stored.ok) {
    const step = `the settings in ${file} cannot be used: ${stored.error}; the usual ones are in force`
    notice({ code: 'host-step-failed', details: { step } })
  }
  // Keys are never exported without having been asked for in this very run.
  const first: Settings = { ...defaults, ...(stored.ok ? stored.value : undefined), keyExport: false }
  const slice = createSlice(first)

  async function setKillSwitch(on: boolean): Promise<void> {
    if (engine.setKillSwitch !== undefined) await engine.setKillSwitch(on)
    else if (on) throw new VpnError('usage', { problem: 'This version has no kill switch.' })
  }

  async function setKeyExport(on: boolean): Promise<void> {
    if (engine.setKeyExport === undefined) {
      if (on) throw new VpnError('usage', { problem: 'This version cannot export keys.' })
      return
    }
    if (on) await makePrivateDirectory(keyExportDirectory)
    engine.setKeyExport(on ? keyExportDirectory : undefined)
  }

  if (first.killSwitch) {
    try {
      await setKillSwitch(true)
    } catch (error) {
      if (!(error instanceof VpnError)) throw error
      notice(error.failure)
    }
  }

  return {
    slice,
    change: (changes) =>
      inTurn(async () => {
        const before = slice.read()
        const after = { ...before, ...changes }
        if (after.killSwitch !== before.killSwitch) await setKillSwitch(after.killSwitch)
        if (after.keyExport !== before.keyExport) await setKeyExport(after.keyExport)
        await writeJsonFile(file, { ...after, keyExport: undefined })
        slice.write(after)
      }),
    keyExportPath: () => (slice.read().keyExport ? keyExportDirectory : undefined),
  }
}
