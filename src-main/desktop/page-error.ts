/** Characters of an error of the page: enough for a stack. */
const LONGEST_SAID = 4000

/** What a page says of a console message that is an error: since Electron 35 in the first argument, before in the next ones, level 3. */
export function pageError(details: object, [level, message]: readonly unknown[]): string | undefined {
  const isError = 'level' in details ? details.level === 'error' : level === 3
  const text = 'message' in details ? details.message : message
  return isError && typeof text === 'string' ? text.slice(0, LONGEST_SAID) : undefined
}
