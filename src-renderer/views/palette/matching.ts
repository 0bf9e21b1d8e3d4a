/** Those whose label has every typed word somewhere; those that begin with the first come first. */
export function matching<Action extends { readonly label: string }>(
  actions: readonly Action[],
  typed: string,
): readonly Action[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const [first = ''] = words
  if (first === '') return actions
  const fits = actions.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)))
  const begins = ({ label }: Action) => label.toLowerCase().startsWith(first)
  return [...fits.filter(begins), ...fits.filter((action) => !begins(action))]
}
