/** Small JSON files of the app's own, beside the profiles: read as far as they are valid, written as a whole or not at all. */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import * as v from 'valibot'
import type { Result } from '../../src-shared/result.ts'
import { fail, ok } from '../../src-shared/result.ts'
import { decodeText, parseJson } from '../profiles/parse.ts'
import { makePrivateDirectory, readLimited, writeAtomically } from '../profiles/store.ts'

const SIZE_LIMIT = 4_194_304

/** Undefined when there is none yet; fails with a sentence when it cannot be read or is not of this shape. */
export async function readJsonFile<Value>(
  path: string,
  schema: v.GenericSchema<unknown, Value>,
): Promise<Result<Value | undefined, string>> {
  if (!existsSync(path)) return ok(undefined)
  const bytes = await readLimited(path, SIZE_LIMIT)
  if (!bytes.ok) return bytes
  const text = decodeText(bytes.value)
  if (text === undefined) return fail('it is not UTF-8 text')
  const json = parseJson(text)
  if (!json.ok) return json
  const parsed = v.safeParse(schema, json.value)
  return parsed.success ? ok(parsed.output) : fail('it is not what Culvert wrote')
}

export async function writeJsonFile(path: string, value: object): Promise<void> {
  await makePrivateDirectory(dirname(path))
  await writeAtomically(path, new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`))
}
