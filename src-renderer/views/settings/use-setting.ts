import { computed, type WritableComputedRef } from 'vue'
import type { Settings } from '../../../src-shared/settings.ts'
import { callOrTell } from '../../commands.ts'
import { useSettings } from '../../stores/slices.ts'

/** One setting: shown as the main process has it, changed by asking it. */
export function useSetting<Name extends keyof Settings>(
  name: Name,
  before: Settings[Name],
): WritableComputedRef<Settings[Name]> {
  const settings = useSettings()
  return computed({
    get: () => settings.value?.[name] ?? before,
    set: (value) => {
      const change: Partial<Settings> = { [name]: value }
      void callOrTell('changeSettings', change)
    },
  })
}
