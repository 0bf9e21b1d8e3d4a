/** Zip archives and folders as sets of files by their relative names. What lies deeper, larger or more than any profile needs is refused. */
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fromBufferPromise } from 'yauzl'
import type { Entry, ZipFile } from 'yauzl'
import type { Result } from '../../../src-shared/result.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import { PROFILE_SIZE_LIMIT } from '../parse.ts'
import { readLimited } from '../store.ts'

export const ARCHIVE_SIZE_LIMIT = 16 * 1_048_576
const FILE_LIMIT = 500
const DEPTH_LIMIT = 6

export type FileSet = ReadonlyMap<string, Uint8Array>

/** PKWARE APPNOTE sections 4.3.7 and 4.3.16: a local file header, or the end of an empty archive. */
export const looksLikeZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 &&
  bytes[1] === 0x4b &&
  (bytes[2] === 3 || bytes[2] === 5) &&
  (bytes[3] === 4 || bytes[3] === 6)

/** What operating systems leave in archives and folders. */
const isClutter = (name: string): boolean =>
  name.split('/').some((part) => part === '__MACOSX' || (part.startsWith('.') && part !== '.'))

/** The files of a zip archive; fails with a sentence. Nothing is written anywhere. */
export async function readArchive(bytes: Uint8Array): Promise<Result<FileSet, string>> {
  const files = new Map<string, Uint8Array>()
  let total = 0
  let zip: ZipFile | undefined
  try {
    zip = await fromBufferPromise(Buffer.from(bytes), { strictFileNames: true })
    if (zip.entryCount > FILE_LIMIT) return fail(`it holds more than ${FILE_LIMIT} files`)
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/') || isClutter(entry.fileName)) continue
      if (entry.isEncrypted()) return fail('it is encrypted; unpack it first')
      if (entry.uncompressedSize > PROFILE_SIZE_LIMIT) continue
      total += entry.uncompressedSize
      if (total > ARCHIVE_SIZE_LIMIT) return fail('its files are larger than any profiles together')
      files.set(entry.fileName, await contentOf(zip, entry))
    }
    return ok(files)
  } catch (error) {
    // yauzl's errors are sentences about the archive.
    return fail(`it is damaged (${error instanceof Error ? error.message.slice(0, 120) : 'unreadable'})`)
  } finally {
    zip?.close()
  }
}

/** yauzl ends the stream with an error as soon as it is longer than the entry said. */
async function contentOf(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  const stream = await zip.openReadStreamPromise(entry)
  const chunks: Buffer[] = []
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Uint8Array.from(Buffer.concat(chunks))
}

/** The files below a folder; links are not followed, files that are larger than any profile left out. */
export async function readFolder(root: string): Promise<Result<FileSet, string>> {
  const files = new Map<string, Uint8Array>()
  let total = 0
  const visit = async (below: string, depth: number): Promise<string | undefined> => {
    if (depth > DEPTH_LIMIT) return undefined
    const entries = await readdir(join(root, below), { withFileTypes: true })
    for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const relative = below === '' ? name : `${below}/${name}`
      const found = await lstat(join(root, relative))
      if (isClutter(name)) continue
      if (found.isDirectory()) {
        const problem = await visit(relative, depth + 1)
        if (problem !== undefined) return problem
      }
      if (!found.isFile() || found.size > PROFILE_SIZE_LIMIT) continue
      total += found.size
      if (files.size >= FILE_LIMIT) return `it holds more than ${FILE_LIMIT} files`
      if (total > ARCHIVE_SIZE_LIMIT) return 'its files are larger than any profiles together'
      const bytes = await readLimited(join(root, relative), PROFILE_SIZE_LIMIT)
      if (bytes.ok) files.set(relative, bytes.value)
    }
    return undefined
  }
  try {
    const problem = await visit('', 0)
    return problem === undefined ? ok(files) : fail(problem)
  } catch (error) {
    return fail(
      error instanceof Error && 'code' in error
        ? `it cannot be read (${String(error.code)})`
        : 'it cannot be read',
    )
  }
}
