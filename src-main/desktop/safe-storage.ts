/**
 * Secrets kept by Electron's safeStorage: encrypted with a key that lies in the desktop's keyring, in one private file a profile.
 * What the terminal's own keyring entries hold (`culvert import`) is found too; the app's are its own.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { Secret } from '../../src-shared/secret.ts'
import type { Keyring } from '../app/keyring.ts'
import type { Log } from '../ports.ts'
import { makePrivateDirectory, readLimited, writeAtomically } from '../profiles/store.ts'
import { opened, sealed } from './safe-box.ts'

const FILE_LIMIT = 4_194_304
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Secret's id → what safeStorage made of it, in base64. */
const schema = v.record(v.pipe(v.string(), v.maxLength(256)), v.string())
type Entries = Readonly<Record<string, string>>

/** `folder`: of our own. `terminal`: the keyring that the terminal uses, where there is one. */
export function createSafeKeyring(folder: string, terminal: Keyring | undefined, log: Log): Keyring {
  const fileOf = (profileId: string): string => join(folder, `${profileId.toLowerCase()}.json`)
  /** One change at a time. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <Value>(task: () => Promise<Value>): Promise<Value> => {
    const mine = last.then(task, task)
    last = mine.catch(() => undefined)
    return mine
  }

  const read = async (profileId: string): Promise<Entries> => {
    if (!UUID.test(profileId)) return {}
    const found = await readLimited(fileOf(profileId), FILE_LIMIT)
    if (!found.ok) return {}
    try {
      return v.parse(schema, JSON.parse(new TextDecoder().decode(found.value)))
    } catch (error) {
      log('warn', 'secrets', 'A file of kept secrets is damaged; they are asked for', {
        problem: nameOf(error),
      })
      return {}
    }
  }
  const write = async (profileId: string, entries: Entries): Promise<void> => {
    if (Object.keys(entries).length === 0) {
      await rm(fileOf(profileId), { force: true })
      return
    }
    await makePrivateDirectory(folder)
    await writeAtomically(fileOf(profileId), new TextEncoder().encode(JSON.stringify(entries)))
  }
  const without = (entries: Entries, id: string): Entries =>
    Object.fromEntries(Object.entries(entries).filter(([known]) => known !== id))

  return {
    keep: (profileId, id, _label, value) =>
      inTurn(async () => {
        if (!UUID.test(profileId)) return false
        try {
          // Base64, because safeStorage takes text; strings cannot be wiped, and this one is short-lived.
          const text = Buffer.from(value.reveal()).toString('base64')
          const kept = Buffer.from(sealed(text)).toString('base64')
          await write(profileId, { ...(await read(profileId)), [id]: kept })
          return true
        } catch (error) {
          log('warn', 'secrets', 'The keyring did not take a secret', { problem: nameOf(error) })
          return false
        }
      }),
    fetch: (profileId, id) =>
      inTurn(async () => {
        const kept = (await read(profileId))[id]
        if (kept === undefined) return terminal?.fetch(profileId, id)
        try {
          const text = opened(Buffer.from(kept, 'base64'))
          return new Secret(Uint8Array.from(Buffer.from(text, 'base64')))
        } catch (error) {
          // Made with a key that this keyring no longer has: asked for again.
          log('warn', 'secrets', 'A kept secret cannot be read with this keyring', { problem: nameOf(error) })
          return undefined
        }
      }),
    drop: (profileId, id) =>
      inTurn(async () => {
        if (UUID.test(profileId)) await write(profileId, without(await read(profileId), id))
        await terminal?.drop(profileId, id)
      }),
    forget: (profileId) =>
      inTurn(async () => {
        if (UUID.test(profileId)) await rm(fileOf(profileId), { force: true })
        await terminal?.forget(profileId)
      }),
  }
}

/** Never a message: it might quote what was read. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error)
