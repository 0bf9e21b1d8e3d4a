import { Building2, CircleHelp, FileDown, FilePlus2, Moon, Plug, Radar, Sun, Unplug } from '@lucide/vue'
import { computed, type Component, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { callOrTell } from '../../commands.ts'
import { chooseFiles } from '../../files.ts'
import { views } from '../../layout/views.ts'
import { keysOf } from '../../shortcuts.ts'
import { useCurrent } from '../../stores/connection.ts'
import { useImportDraft } from '../../stores/import-draft.ts'
import { useConnections, useDemo, useLibrary } from '../../stores/slices.ts'
import { theme } from '../../theme.ts'
import { checkNetwork } from '../network/network-check.ts'
import { actionFor } from '../connect/look.ts'

export interface PaletteAction {
  readonly id: string
  readonly label: string
  readonly icon: Component
  readonly keys?: string
  readonly run: () => void
}

/** Everything that can be done from anywhere. */
export function useActions(showHelp: () => void): ComputedRef<readonly PaletteAction[]> {
  const { t } = useI18n()
  const router = useRouter()
  const library = useLibrary()
  const connections = useConnections()
  const current = useCurrent()
  const demo = useDemo()
  const draft = useImportDraft()

  const switching = computed((): readonly PaletteAction[] =>
    (library.value?.entries ?? []).map(({ profile: { id, name } }) => {
      const status = connections.value?.find(({ profileId }) => profileId === id)
      const starts = actionFor(status?.state) === 'connect'
      return {
        id: `profile-${id}`,
        label: t(starts ? 'palette.connect' : 'palette.disconnect', { name }),
        icon: starts ? Plug : Unplug,
        ...(id === current.profileId ? { keys: keysOf('toggle') } : {}),
        run: () => {
          current.choose(id)
          void router.push({ name: 'connect' })
          void callOrTell(starts ? 'connect' : 'disconnect', { profileId: id })
        },
      }
    }),
  )

  const going = computed((): readonly PaletteAction[] =>
    views.map(({ name, icon }) => ({
      id: `view-${name}`,
      label: t(`palette.view.${name}`),
      icon,
      keys: keysOf(name),
      run: () => void router.push({ name }),
    })),
  )

  const others = computed((): readonly PaletteAction[] => {
    const other = theme.value === 'dark' ? 'light' : 'dark'
    const running = demo.value?.kind === 'running'
    return [
      {
        id: 'new',
        label: t('palette.new'),
        icon: FilePlus2,
        run: () => void router.push({ name: 'profile-new' }),
      },
      {
        id: 'import',
        label: t('palette.import'),
        icon: FileDown,
        run: () => void chooseFiles('').then((files) => draft.open(files)),
      },
      {
        id: 'demo',
        label: t(running ? 'palette.stopDemo' : 'palette.startDemo'),
        icon: Building2,
        run: () => void callOrTell(running ? 'stopDemo' : 'startDemo', {}),
      },
      {
        id: 'theme',
        label: t(`palette.theme.${other}`),
        icon: other === 'dark' ? Moon : Sun,
        run: () => void callOrTell('changeSettings', { theme: other }),
      },
      {
        id: 'check',
        label: t('network.check'),
        icon: Radar,
        run: () => void checkNetwork(current.entry?.profile.id),
      },
      { id: 'help', label: t('help.title'), icon: CircleHelp, keys: keysOf('help'), run: showHelp },
    ]
  })

  return computed(() => [...switching.value, ...going.value, ...others.value])
}
