/** A system call that failed: which operation, with which errno. */
export class TunTapError extends Error {
  /** The errno's name, such as `EPERM`; `ERRNO_n` for one without a name here. */
  readonly code: string
  readonly operation: string
  constructor(operation: string, code: string, detail = '') {
    super(`${operation}${detail === '' ? '' : ` ${detail}`}: ${code}`)
    this.name = 'TunTapError'
    this.operation = operation
    this.code = code
  }
}
