/** The kept certificates as the window sees them: a slice, looked at anew after each change and when a profile's file changes. */
import { Buffer } from 'node:buffer'
import type { KeptCertificate } from '../../src-shared/certificates.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { ProfileStore } from '../profiles/store.ts'
import type { CertificateStore } from './certificate-store.ts'
import { createTurns } from './in-turn.ts'
import { keptCertificatesOf } from './kept-certificates.ts'
import type { Slice } from './slice.ts'
import { createSlice } from './slice.ts'

export interface GivenCertificates {
  readonly files: readonly { readonly name: string; readonly base64: string }[]
  readonly password?: string
  readonly protectWith?: string
}

/** All reject with VpnError. */
export interface CertificateKeeper {
  readonly slice: Slice<readonly KeptCertificate[]>
  add(given: GivenCertificates): Promise<readonly string[]>
  /** Rejects with 'usage' when a profile uses it. */
  remove(id: string): Promise<void>
  /** Looks at the files anew. */
  refresh(): Promise<void>
}

const bytesOf = (text: string | undefined): Uint8Array | undefined =>
  text === undefined ? undefined : new TextEncoder().encode(text)

export async function openCertificates(
  store: CertificateStore,
  profiles: ProfileStore,
): Promise<CertificateKeeper> {
  const inTurn = createTurns()
  const slice = createSlice<readonly KeptCertificate[]>(await store.list())
  const look = async (): Promise<void> => {
    const next = await store.list()
    if (JSON.stringify(next) !== JSON.stringify(slice.read())) slice.write(next)
  }
  return {
    slice,
    add: (given) =>
      inTurn(async () => {
        const [password, protectWith] = [bytesOf(given.password), bytesOf(given.protectWith)]
        const files = given.files.map(({ name, base64 }) => ({
          name,
          bytes: Uint8Array.from(Buffer.from(base64, 'base64')),
        }))
        try {
          const added = await store.add(files, {
            ...(password === undefined ? {} : { password }),
            ...(protectWith === undefined ? {} : { protectWith }),
          })
          return added.map(({ id }) => id)
        } finally {
          for (const secret of [password, protectWith, ...files.map(({ bytes }) => bytes)]) secret?.fill(0)
          await look()
        }
      }),
    remove: (id) =>
      inTurn(async () => {
        const users = (await profiles.list()).profiles.filter((profile) =>
          keptCertificatesOf(profile).includes(id),
        )
        if (users.length > 0)
          throw new VpnError('usage', {
            problem: `It is used by ${users.map(({ name }) => name).join(', ')}.`,
          })
        await store.remove(id)
        await look()
      }),
    refresh: () => inTurn(look),
  }
}
