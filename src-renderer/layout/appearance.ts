import { watch } from 'vue'
import { setLanguage } from '../i18n.ts'
import { useSettings } from '../stores/slices.ts'
import { setTheme } from '../theme.ts'

/** Theme and language follow the settings. */
export function useAppearance(): void {
  const settings = useSettings()
  watch(
    () => settings.value,
    (now) => {
      if (now === undefined) return
      setTheme(now.theme)
      setLanguage(now.language)
    },
  )
}
