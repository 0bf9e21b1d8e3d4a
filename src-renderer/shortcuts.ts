/** Every key that does something anywhere in the window; the help lists this table, the palette shows its keys. */

export interface Shortcut {
  readonly id:
    'toggle' | 'palette' | 'help' | 'settings' | 'connect' | 'profiles' | 'status' | 'exchange' | 'log'
  /** As it is shown; `Ctrl` is the command key on a Mac. */
  readonly keys: string
  readonly key: string
  readonly control: boolean
}

export const shortcuts: readonly Shortcut[] = [
  { id: 'toggle', keys: 'Ctrl+Enter', key: 'Enter', control: true },
  { id: 'palette', keys: 'Ctrl+K', key: 'k', control: true },
  { id: 'connect', keys: 'Ctrl+1', key: '1', control: true },
  { id: 'profiles', keys: 'Ctrl+2', key: '2', control: true },
  { id: 'status', keys: 'Ctrl+3', key: '3', control: true },
  { id: 'exchange', keys: 'Ctrl+4', key: '4', control: true },
  { id: 'log', keys: 'Ctrl+5', key: '5', control: true },
  { id: 'settings', keys: 'Ctrl+,', key: ',', control: true },
  { id: 'help', keys: '?', key: '?', control: false },
]

export const keysOf = (id: Shortcut['id']): string => shortcuts.find((one) => one.id === id)?.keys ?? ''

/** What a key press means; a plain key means nothing while somebody types. */
export function shortcutFor(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target'>,
): Shortcut['id'] | undefined {
  if (event.altKey) return undefined
  const control = event.ctrlKey || event.metaKey
  const typing =
    event.target instanceof HTMLElement && event.target.closest('input, textarea, [contenteditable]') !== null
  if (!control && typing) return undefined
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return shortcuts.find((one) => one.control === control && one.key === key)?.id
}
