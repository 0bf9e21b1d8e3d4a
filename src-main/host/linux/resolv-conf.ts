/** /etc/resolv.conf: what it was, what it says while a tunnel is open, and exactly as it was afterwards. */
import * as fs from 'node:fs'
import { HostError } from '../host-error.ts'
import type { ResolvConfState } from '../helper/step.ts'

export const RESOLV_CONF = '/etc/resolv.conf'
/** glibc reads no more (resolv.conf(5)). */
const MOST_SERVERS = 3
const LONGEST_FILE = 1_000_000

/** Whether something is mounted on this very file, as `ip netns exec` and containers do. */
const isMountPoint = (path: string): boolean =>
  fs
    .readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[4] === path)

const realPath = (path: string): string | undefined => {
  try {
    return fs.realpathSync(path)
  } catch {
    return undefined
  }
}

/**
 * What lies at the path. A link to a file that is mounted counts as that file: the mount belongs to this mount namespace,
 * but replacing the link would change it for all others.
 */
export const readResolvConf = (path: string): ResolvConfState => {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return { was: 'absent' }
  if (stat.isSymbolicLink()) {
    const target = realPath(path)
    if (target === undefined || !isMountPoint(target)) return { was: 'link', target: fs.readlinkSync(path) }
  } else if (!stat.isFile()) throw new HostError('read resolv.conf', [path], null, 'is not a file')
  if (fs.statSync(path).size > LONGEST_FILE)
    throw new HostError('read resolv.conf', [path], null, 'is too large to keep')
  return { was: 'file', content: fs.readFileSync(path).toString('base64') }
}

/** Into the same inode, so that owner, mode, label and mounts stay; never empty in between. */
const writeInPlace = (path: string, content: Uint8Array): void => {
  const file = fs.openSync(path, 'r+')
  try {
    let written = 0
    while (written < content.length)
      written += fs.writeSync(file, content, written, content.length - written, written)
    fs.ftruncateSync(file, content.length)
  } finally {
    fs.closeSync(file)
  }
}

/** Puts something in the path's place in one go. */
const replace = (path: string, make: (temporary: string) => void): void => {
  const temporary = `${path}.culvert`
  fs.rmSync(temporary, { force: true })
  try {
    make(temporary)
    fs.renameSync(temporary, path)
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}

const attempt = (step: string, path: string, work: () => void): void => {
  try {
    work()
  } catch (error) {
    throw new HostError(step, [path], null, error instanceof Error ? error.message : String(error))
  }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Writes new content where `state` says what is there now. Throws HostError. */
export const writeResolvConf = (path: string, state: ResolvConfState, text: string): void =>
  attempt('write resolv.conf', path, () => {
    if (state.was === 'file') writeInPlace(path, bytesOf(text))
    else replace(path, (temporary) => fs.writeFileSync(temporary, text, { mode: 0o644 }))
  })

/** Brings the state back. Throws HostError. */
export const restoreResolvConf = (path: string, state: ResolvConfState): void =>
  attempt('restore resolv.conf', path, () => {
    switch (state.was) {
      case 'absent':
        fs.rmSync(path, { force: true })
        return
      case 'link':
        replace(path, (temporary) => fs.symlinkSync(state.target, temporary))
        return
      case 'file':
        writeInPlace(path, Buffer.from(state.content, 'base64'))
    }
  })

/** Whether the path holds exactly this text. */
export const resolvConfHolds = (path: string, text: string): boolean => {
  const now = readResolvConf(path)
  return now.was === 'file' && now.content === Buffer.from(text).toString('base64')
}

const optionsIn = (path: string): readonly string[] => {
  try {
    return fs
      .readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => /^options\s/.test(line))
  } catch {
    return []
  }
}

/**
 * The text for a tunnel. This file knows no split: every name is asked for inside, and the domains become the search list.
 * `owner` makes it unlike any other tunnel's.
 */
export const resolvConfText = (
  owner: string,
  servers: readonly string[],
  domains: readonly string[],
  path: string,
): string =>
  [
    `# Made by Culvert (${owner}). The file as it was comes back when the tunnel closes.`,
    ...servers.slice(0, MOST_SERVERS).map((server) => `nameserver ${server}`),
    ...(domains.length === 0 ? [] : [`search ${domains.join(' ')}`]),
    ...optionsIn(path),
    '',
  ].join('\n')
