/** How every box that takes text or a choice looks; `aria-invalid` turns its border. */
export const controlClass =
  'block w-full min-w-0 min-h-10 rounded-md border border-line-strong bg-surface-1 px-3 py-2 text-base text-strong ' +
  'placeholder:text-faint transition-colors duration-(--quick) hover:border-faint ' +
  'focus-visible:outline-offset-0 aria-invalid:border-bad disabled:bg-surface-2 disabled:text-faint'
