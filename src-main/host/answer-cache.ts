/** Authorities' signed answers on the disk and in memory, until they run out. Nothing secret; all of it is checked again when used. */
import { createHash, randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochMillis } from '../../src-shared/brands.ts'
import type { AnswerCache, Log } from '../ports.ts'
import { plain } from './crypto/plain.ts'

/** Before the answer: when it runs out, milliseconds since 1970 as a double. */
const HEAD_BYTES = 8
const MOST_FILES = 200
const MOST_BYTES = 5 * 1_048_576
const MOST_IN_MEMORY = 32
const FILE = /^[\da-f]{64}\.answer$/

interface Kept {
  readonly bytes: Uint8Array
  readonly until: number
}

export function createAnswerCache(directory: string, log: Log): AnswerCache {
  const memory = new Map<string, Kept>()
  let swept: Promise<void> | undefined

  const pathOf = (key: string): string =>
    join(directory, `${createHash('sha256').update(key).digest('hex')}.answer`)

  const remember = (key: string, kept: Kept): void => {
    memory.delete(key)
    memory.set(key, kept)
    for (const oldest of [...memory.keys()].slice(0, -MOST_IN_MEMORY)) memory.delete(oldest)
  }

  const read = async (path: string): Promise<Kept | undefined> => {
    try {
      const { size } = await stat(path)
      if (size < HEAD_BYTES || size > MOST_BYTES) return undefined
      const file = await readFile(path)
      return { until: file.readDoubleBE(0), bytes: plain(file.subarray(HEAD_BYTES)) }
    } catch {
      // Not there, or not ours to read: it is fetched.
      return undefined
    }
  }

  /** Removes what has run out, and the oldest when there are too many; once a process. */
  const sweep = async (now: number): Promise<void> => {
    const names = (await readdir(directory)).filter((name) => FILE.test(name))
    const files = await Promise.all(
      names.map(async (name) => ({ path: join(directory, name), kept: await read(join(directory, name)) })),
    )
    const left = files
      .filter(({ kept }) => kept !== undefined && kept.until >= now)
      .toSorted((a, b) => (b.kept?.until ?? 0) - (a.kept?.until ?? 0))
      .slice(0, MOST_FILES)
    const staying = new Set(left.map(({ path }) => path))
    for (const { path } of files) if (!staying.has(path)) await rm(path, { force: true })
  }

  const write = async (key: string, { bytes, until }: Kept): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    // It says which gateways somebody uses.
    await chmod(directory, 0o700)
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeDoubleBE(until)
    const temporary = join(directory, `${randomUUID()}.new`)
    try {
      await writeFile(temporary, Buffer.concat([head, bytes]), { mode: 0o600 })
      await rename(temporary, pathOf(key))
    } finally {
      await rm(temporary, { force: true })
    }
  }

  return {
    async get(key, now: EpochMillis) {
      const known = memory.get(key) ?? (await read(pathOf(key)))
      if (known === undefined || known.until < now) {
        memory.delete(key)
        return undefined
      }
      remember(key, known)
      return known.bytes
    },
    async put(key, bytes, until) {
      const kept = { bytes: bytes.slice(), until }
      remember(key, kept)
      try {
        await write(key, kept)
        await (swept ??= sweep(Date.now()))
      } catch (error) {
        log('debug', 'pki', 'An answer of an authority could not be kept', { problem: String(error) })
      }
    },
  }
}
