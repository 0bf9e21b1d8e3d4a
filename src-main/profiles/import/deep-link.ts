/**
 * Links `culvert://import?name=NAME&data=BASE64URL`: a whole profile in a link or a QR code. A link can come from any web page:
 * nothing is fetched, nothing is stored, and the person confirms what the import shows.
 */
import { fail, ok } from '../../../src-shared/result.ts'
import type { Result } from '../../../src-shared/result.ts'

export interface LinkedFile {
  readonly kind: 'file'
  readonly bytes: Uint8Array
  /** Without a directory; `link` when the link names none. */
  readonly name: string
}

export interface LinkProblem {
  readonly problem: string
  readonly advice: string
}

/** Longer than any profile without secrets, shorter than what a command line holds. */
export const LINK_LENGTH_LIMIT = 98_304

const again = 'Ask for the link again, or for the profile as a file.'

/** The file that a link carries; never throws, touches neither disk nor network. */
export function parseDeepLink(text: string): Result<LinkedFile, LinkProblem> {
  if (text.length > LINK_LENGTH_LIMIT) {
    return fail({ problem: 'The link is longer than any profile', advice: 'Ask for the profile as a file.' })
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'culvert:') return fail({ problem: 'This is no link for Culvert', advice: again })
  // Both culvert://import?… and culvert:import?… occur, depending on who opens the link.
  const action = `${url.host}${url.pathname}`.replace(/^\/+|\/+$/g, '')
  if (action !== 'import') {
    return fail({ problem: `Culvert does not know "${action.slice(0, 40)}"`, advice: again })
  }
  const data = url.searchParams.getAll('data')
  if (url.searchParams.has('url')) {
    return fail({
      problem: 'The link asks to fetch a profile from another place, which Culvert does not do by itself',
      advice: 'Download the file yourself from a place that you trust, then import it.',
    })
  }
  const [payload, ...more] = data
  if (payload === undefined || more.length > 0) {
    return fail({ problem: 'The link does not carry one profile', advice: again })
  }
  if (!/^[\w-]+={0,2}$/.test(payload))
    return fail({ problem: 'The profile in the link is damaged', advice: again })
  const bytes = Uint8Array.from(Buffer.from(payload, 'base64url'))
  return ok({ kind: 'file', bytes, name: nameIn(url.searchParams.get('name') ?? '') })
}

/** A file's name that names no place and cannot steer a terminal. */
function nameIn(text: string): string {
  const base = text.split(/[/\\]/).at(-1) ?? ''
  const name = base
    .replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, '')
    .trim()
    .slice(0, 100)
  return name === '' || /^\.+$/.test(name) ? 'link' : name
}

/** The link that carries these bytes; undefined when it would be longer than Culvert takes. */
export function makeDeepLink(bytes: Uint8Array, name: string): string | undefined {
  const query = new URLSearchParams({ name, data: Buffer.from(bytes).toString('base64url') })
  const link = `culvert://import?${query.toString()}`
  return link.length > LINK_LENGTH_LIMIT ? undefined : link
}
