/** Passwords of files that are protected as a whole: typed, or the first line of a file. */
import { VpnError } from '../../src-shared/errors.ts'
import { Secret } from '../../src-shared/secret.ts'
import { readLimited } from '../profiles/store.ts'
import type { Cli } from './context.ts'

const PASSWORD_LIMIT = 1024

/** The file's first line; `-` is standard input. Throws VpnError 'usage'. */
export async function readPasswordFile(cli: Cli, path: string): Promise<Secret> {
  const fromStdin = path === '-' ? await cli.readStdin(PASSWORD_LIMIT) : undefined
  const file = path === '-' ? undefined : await readLimited(path, PASSWORD_LIMIT)
  const content = fromStdin ?? (file?.ok === true ? file.value : undefined)
  if (content === undefined) {
    const problem = file?.ok === false ? file.error : 'it is too long'
    throw new VpnError('usage', { problem: `The password in ${path} cannot be read: ${problem}.` })
  }
  const end = content.findIndex((byte) => byte === 0x0a || byte === 0x0d)
  const line = content.slice(0, end < 0 ? content.length : end)
  content.fill(0)
  if (line.length === 0) throw new VpnError('usage', { problem: `The password in ${path} is empty.` })
  return new Secret(line)
}

/** A new password, typed twice. Throws VpnError 'usage' or 'cancelled'. */
export async function askNewPassword(cli: Cli, text = 'Password for the exported file'): Promise<Secret> {
  const { signal } = new AbortController()
  const first = await cli.prompt(text, signal)
  const second = first === undefined ? undefined : await cli.prompt('The same once more', signal)
  if (first === undefined || second === undefined) {
    throw new VpnError('usage', {
      problem: 'There is no terminal to ask for a password on. Give --password-file FILE.',
    })
  }
  const isSame = Buffer.from(first.reveal()).equals(second.reveal())
  const isEmpty = first.length === 0
  second.wipe()
  if (isSame && !isEmpty) return first
  first.wipe()
  throw new VpnError('usage', { problem: isEmpty ? 'The password is empty.' : 'The two passwords differ.' })
}
