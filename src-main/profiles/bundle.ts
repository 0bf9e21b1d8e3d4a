/**
 * Profiles with their secrets under a password: one JSON object.
 *
 *   { "culvertBundle": 1,
 *     "kdf": { "name": "scrypt", "n": 131072, "r": 8, "p": 1, "salt": base64 of 16 bytes },
 *     "cipher": { "name": "aes-256-gcm", "nonce": base64 of 12 bytes },
 *     "data": base64 of ciphertext and tag (16 bytes) }
 *
 * The key is scrypt (RFC 7914) of the password in UTF-8. What is encrypted is JSON: `{ "profiles": […], "secrets": [{ "id",
 * "profileId", "kind", "encrypted", "value": base64 }] }`. Everything outside `data` is authenticated with it, as the text
 * `headerOf` gives.
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto'
import * as v from 'valibot'
import type { Profile } from '../../src-shared/profile.ts'
import type { Result } from '../../src-shared/result.ts'
import { fail, ok } from '../../src-shared/result.ts'
import { parseJson } from './parse.ts'

export const SECRET_KINDS = ['password', 'psk', 'key', 'pkcs12', 'key-password'] as const

export interface BundledSecret {
  readonly id: string
  readonly profileId: string
  readonly kind: (typeof SECRET_KINDS)[number]
  readonly encrypted: boolean
  readonly value: Uint8Array
}

export interface ScryptCost {
  /** A power of two. */
  readonly n: number
  readonly r: number
  readonly p: number
}

/** 128 MiB and some tenths of a second for each guess. */
const COST = { n: 131_072, r: 8, p: 1 } as const
/** What we are willing to spend on a file from elsewhere: 256 MiB. */
const MOST_COST = { n: 262_144, r: 8, p: 4 } as const
const TAG = 16

const base64 = v.pipe(v.string(), v.maxLength(16_777_216), v.regex(/^[A-Za-z0-9+/]*={0,2}$/))
const Envelope = v.strictObject({
  culvertBundle: v.literal(1),
  kdf: v.strictObject({
    name: v.literal('scrypt'),
    n: v.pipe(
      v.number(),
      v.integer(),
      v.minValue(16_384),
      v.maxValue(MOST_COST.n),
      v.check((n) => Number.isInteger(Math.log2(n))),
    ),
    r: v.pipe(v.number(), v.integer(), v.minValue(8), v.maxValue(MOST_COST.r)),
    p: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_COST.p)),
    salt: v.pipe(base64, v.minLength(22), v.maxLength(88)),
  }),
  cipher: v.strictObject({ name: v.literal('aes-256-gcm'), nonce: v.pipe(base64, v.length(16)) }),
  data: base64,
})
type Envelope = v.InferOutput<typeof Envelope>

const Content = v.strictObject({
  profiles: v.pipe(v.array(v.unknown()), v.maxLength(64)),
  secrets: v.pipe(
    v.array(
      v.strictObject({
        id: v.pipe(v.string(), v.uuid()),
        profileId: v.pipe(v.string(), v.uuid()),
        kind: v.picklist(SECRET_KINDS),
        encrypted: v.boolean(),
        value: base64,
      }),
    ),
    v.maxLength(256),
  ),
})

/** What is authenticated with the data: the envelope without it, in this order. */
const headerOf = ({
  kdf: { n, r, p, salt },
  cipher: { nonce },
}: Pick<Envelope, 'kdf' | 'cipher'>): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify(['culvertBundle', 1, 'scrypt', n, r, p, salt, 'aes-256-gcm', nonce]),
  )

const keyOf = (password: Uint8Array, { n, r, p, salt }: Envelope['kdf']): Buffer =>
  scryptSync(password, Buffer.from(salt, 'base64'), 32, { N: n, r, p, maxmem: 2 * 128 * n * r })

/** Whether a JSON value says that it is a bundle. */
export const isBundle = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'culvertBundle' in json

/** The bundle's text. The password (UTF-8) and the secrets' bytes stay the caller's, who wipes them. `cost`: of scrypt. */
export function sealBundle(
  profiles: readonly Profile[],
  secrets: readonly BundledSecret[],
  password: Uint8Array,
  cost: ScryptCost = COST,
): string {
  const kdf = { name: 'scrypt', ...cost, salt: randomBytes(16).toString('base64') } as const
  const cipher = { name: 'aes-256-gcm', nonce: randomBytes(12).toString('base64') } as const
  const written = secrets.map((secret) => ({
    ...secret,
    value: Buffer.from(secret.value).toString('base64'),
  }))
  const content = Buffer.from(JSON.stringify({ profiles, secrets: written }))
  const key = keyOf(password, kdf)
  const sealing = createCipheriv('aes-256-gcm', key, Buffer.from(cipher.nonce, 'base64'))
  sealing.setAAD(headerOf({ kdf, cipher }))
  const data = Buffer.concat([sealing.update(content), sealing.final(), sealing.getAuthTag()]).toString(
    'base64',
  )
  key.fill(0)
  content.fill(0)
  return `${JSON.stringify({ culvertBundle: 1, kdf, cipher, data }, null, 2)}\n`
}

export interface OpenedBundle {
  /** Not checked yet. */
  readonly profiles: readonly unknown[]
  readonly secrets: readonly BundledSecret[]
}

/** What the password opens. `damaged`: it is no bundle, or one that would take too long; `wrong-password`: or it was changed. */
export function openBundle(
  given: unknown,
  password: Uint8Array,
): Result<OpenedBundle, 'damaged' | 'wrong-password'> {
  const envelope = v.safeParse(Envelope, given)
  if (!envelope.success) return fail('damaged')
  const { kdf, cipher, data } = envelope.output
  const bytes = Buffer.from(data, 'base64')
  if (bytes.length < TAG) return fail('damaged')
  const key = keyOf(password, kdf)
  const opening = createDecipheriv('aes-256-gcm', key, Buffer.from(cipher.nonce, 'base64'), {
    authTagLength: TAG,
  })
  opening.setAAD(headerOf({ kdf, cipher }))
  opening.setAuthTag(bytes.subarray(bytes.length - TAG))
  const content = opening.update(bytes.subarray(0, bytes.length - TAG))
  try {
    opening.final()
  } catch {
    // The tag does not fit: a wrong password and a changed file look alike.
    content.fill(0)
    return fail('wrong-password')
  } finally {
    key.fill(0)
  }
  const json = parseJson(content.toString('utf8'))
  content.fill(0)
  const parsed = v.safeParse(Content, json.ok ? json.value : undefined)
  if (!parsed.success) return fail('damaged')
  const secrets = parsed.output.secrets.map((secret) => ({
    ...secret,
    value: Uint8Array.from(Buffer.from(secret.value, 'base64')),
  }))
  return ok({ profiles: parsed.output.profiles, secrets })
}
