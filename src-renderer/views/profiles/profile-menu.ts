/** The actions of one profile as a menu. */
import { ArrowDown, ArrowUp, Copy, FileUp, Folder, KeyRound, Pencil, Plug, Star, Trash2 } from '@lucide/vue'
import type { LibraryEntry } from '../../../src-shared/library.ts'
import type { MenuEntry } from '../../ui/menu.vue'
import type { ProfileActions } from './use-profile-actions.ts'

interface FromRow {
  readonly toggle: { readonly label: string; readonly run: () => void }
  readonly folder: () => void
  readonly remove: () => void
}

export function profileMenu(
  t: (key: string) => string,
  entry: LibraryEntry,
  actions: ProfileActions,
  { toggle, folder, remove }: FromRow,
): readonly MenuEntry[] {
  const keepsSomething = Object.values(entry.secrets).includes('kept')
  return [
    { ...toggle, icon: Plug },
    { label: t('profiles.edit'), icon: Pencil, run: () => void actions.edit(entry) },
    { label: t('profiles.duplicate'), icon: Copy, run: () => void actions.duplicate(entry) },
    { label: t('profiles.export'), icon: FileUp, run: () => actions.export(entry) },
    {
      label: t(entry.favourite ? 'profiles.unfavour' : 'profiles.favour'),
      icon: Star,
      run: () => void actions.favour(entry),
    },
    'separator',
    { label: t('profiles.moveUp'), icon: ArrowUp, keys: 'Alt+↑', run: () => void actions.step(entry, -1) },
    { label: t('profiles.moveDown'), icon: ArrowDown, keys: 'Alt+↓', run: () => void actions.step(entry, 1) },
    { label: t('profiles.moveToFolder'), icon: Folder, run: folder },
    'separator',
    {
      label: t('profiles.forget'),
      icon: KeyRound,
      disabled: !keepsSomething,
      run: () => void actions.forget(entry),
    },
    { label: t('profiles.delete'), icon: Trash2, danger: true, run: remove },
  ]
}
