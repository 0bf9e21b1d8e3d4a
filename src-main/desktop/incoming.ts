/**
 * What the desktop hands to the app when it is started: files to open and `culvert://` links. Both end in the import preview, where
 * the person decides; nothing is fetched, and nothing connects by a link.
 */
import { basename, resolve } from 'node:path'

export const LINK_SCHEME = 'culvert'
/** Bytes of a profile that a link carries. */
const LINK_LIMIT = 65_536

export interface GivenFile {
  readonly name: string
  readonly bytes: Uint8Array
}

export interface Incoming {
  /** Absolute paths to be read. */
  readonly paths: readonly string[]
  /** Files that came within links. */
  readonly files: readonly GivenFile[]
  /** Links that are none of ours, as they were given. */
  readonly refused: readonly string[]
}

/** `argv` without the program and the app's own path; options (`--…`) are not meant for us. */
export function incomingOf(argv: readonly string[], workingDirectory: string): Incoming {
  const given = argv.filter((argument) => argument !== '' && !argument.startsWith('-'))
  const links = given.filter(isLink)
  const read = links.map((link) => ({ link, file: fileInLink(link) }))
  return {
    paths: given.filter((argument) => !isLink(argument)).map((path) => pathOf(path, workingDirectory)),
    files: read.flatMap(({ file }) => (file === undefined ? [] : [file])),
    refused: read.filter(({ file }) => file === undefined).map(({ link }) => link.slice(0, 200)),
  }
}

const isLink = (argument: string): boolean => argument.toLowerCase().startsWith(`${LINK_SCHEME}:`)

/** Desktops give plain paths or `file:` addresses. */
function pathOf(argument: string, workingDirectory: string): string {
  if (!argument.startsWith('file://')) return resolve(workingDirectory, argument)
  try {
    return decodeURIComponent(new URL(argument).pathname)
  } catch {
    return resolve(workingDirectory, argument)
  }
}

/** `culvert://import?name=office.sswan&data=BASE64URL`: the file itself travels in the link. */
export function fileInLink(link: string): GivenFile | undefined {
  let url: URL
  try {
    url = new URL(link)
  } catch {
    return undefined
  }
  if (url.protocol !== `${LINK_SCHEME}:` || url.host !== 'import') return undefined
  const data = url.searchParams.get('data') ?? ''
  if (data === '' || data.length > (LINK_LIMIT * 4) / 3 + 4 || !/^[\w-]+={0,2}$/.test(data)) return undefined
  const name = basename(url.searchParams.get('name') ?? '').slice(0, 255)
  return { name: name === '' ? 'link' : name, bytes: new Uint8Array(Buffer.from(data, 'base64url')) }
}
