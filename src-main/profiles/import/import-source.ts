/** The one way in for front ends: a file's bytes, or a folder, whatever it holds. */
import { basename } from 'node:path'
import type { Result } from '../../../src-shared/result.ts'
import { ok } from '../../../src-shared/result.ts'
import { looksLikeZip, readArchive, readFolder } from './archive.ts'
import { importFiles } from './import-files.ts'
import type { RecognisedImport } from './import-profile.ts'
import { importProfile } from './import-profile.ts'
import type { ImportInput } from './importer.ts'

type Options = Pick<ImportInput, 'username' | 'password'>

/** A profile of any known format, or a zip archive of them. Never rejects for what the bytes say. */
export async function importBytes(input: ImportInput): Promise<RecognisedImport> {
  if (!looksLikeZip(input.bytes)) return importProfile(input)
  const { name, bytes, files: _files, ...options } = input
  const archive = await readArchive(bytes)
  if (archive.ok) return importFiles({ name, files: archive.value, stays: false, ...options })
  return {
    profiles: [],
    secrets: [],
    problems: [
      {
        level: 'error',
        where: name,
        problem: `The archive cannot be read: ${archive.error}`,
        advice: 'Ask for it again, or unpack it and import the folder.',
      },
    ],
  }
}

/** All profiles below a folder. Fails with a sentence when the folder cannot be read. */
export async function importFolder(
  path: string,
  options: Options = {},
): Promise<Result<RecognisedImport, string>> {
  const files = await readFolder(path)
  return files.ok
    ? ok(importFiles({ name: basename(path), files: files.value, stays: true, ...options }))
    : files
}
