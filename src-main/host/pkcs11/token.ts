/** Certificates and keys on smart cards and other tokens, by their PKCS#11 URI (RFC 7512). */
import { existsSync, realpathSync } from 'node:fs'
import { TunTapError } from 'tun-tap'
import { fail, ok } from '../../../src-shared/result.ts'
import type { Result } from '../../../src-shared/result.ts'
import type { KeyType, SigningKey } from '../../ports.ts'
import { Attribute, ObjectClass, Rv, TokenError, openModule, ulongBytes } from './module.ts'
import type { Module, Template } from './module.ts'
import { tokenSigningKey } from './token-key.ts'

/**
 * Where distributions put modules. A profile never names one: it would be code to be run. CULVERT_PKCS11_MODULE names others,
 * separated by colons.
 */
const usualModules: readonly string[] = ['x86_64-linux-gnu/', 'aarch64-linux-gnu/', '', '../lib64/'].flatMap(
  (folder) => [
    `/usr/lib/${folder}opensc-pkcs11.so`,
    `/usr/lib/${folder}libykcs11.so`,
    `/usr/lib/${folder}softhsm/libsofthsm2.so`,
  ],
)

export interface TokenQuery {
  readonly token?: string
  readonly object?: string
  readonly id?: Uint8Array
}

const percentBytes = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/%[\da-fA-F]{2}|[^%]/g) ?? [], (part) =>
    part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0),
  )

export const isTokenUri = (text: string): boolean => text.startsWith('pkcs11:')

/** RFC 7512 section 2.3, path attributes `token`, `object`, `id`; others (a module's path among them) are refused. */
export function parseTokenUri(text: string): Result<TokenQuery, string> {
  if (text.includes('?')) return fail('a PKCS#11 URI is used without a query')
  const query: { token?: string; object?: string; id?: Uint8Array } = {}
  for (const part of text
    .slice('pkcs11:'.length)
    .split(';')
    .filter((one) => one !== '')) {
    const [name = '', value = ''] = part.split('=')
    const bytes = percentBytes(value)
    if (name === 'token') query.token = new TextDecoder().decode(bytes)
    else if (name === 'object') query.object = new TextDecoder().decode(bytes)
    else if (name === 'id') query.id = bytes
    else if (name !== 'type')
      return fail(`the attribute ${name.slice(0, 40)} is not supported in a PKCS#11 URI`)
  }
  return query.object === undefined && query.id === undefined
    ? fail('the PKCS#11 URI names neither an object nor an id')
    : ok(query)
}

export const tokenUri = (token: string, id: Uint8Array): string =>
  `pkcs11:token=${encodeURIComponent(token)};id=${Array.from(id, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}`

const loaded = new Map<string, Module>()

function modules(environment: Readonly<Record<string, string | undefined>>): readonly Module[] {
  const named = (environment['CULVERT_PKCS11_MODULE'] ?? '').split(':').filter((path) => path.startsWith('/'))
  const files = [...named, ...usualModules]
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path))
  return [...new Set(files)].flatMap((path) => {
    const known = loaded.get(path)
    if (known !== undefined) return [known]
    try {
      const module = openModule(path)
      loaded.set(path, module)
      return [module]
    } catch (error) {
      // One that cannot begin (no card service, no configuration) has no tokens.
      if (error instanceof TunTapError || error instanceof TokenError) return []
      throw error
    }
  })
}

export interface TokenCertificate {
  readonly token: string
  readonly uri: string
  readonly der: Uint8Array
}

interface Found {
  readonly module: Module
  readonly slot: number
  readonly token: string
}

const tokens = (environment: Readonly<Record<string, string | undefined>>): readonly Found[] =>
  modules(environment).flatMap((module) =>
    module.slots().flatMap((slot) => {
      try {
        return [{ module, slot, token: module.tokenLabel(slot) }]
      } catch (error) {
        if (error instanceof TokenError) return []
        throw error
      }
    }),
  )

function certificatesIn({ module }: Found, session: number, query: TokenQuery) {
  const template: Template = [
    { type: Attribute.CLASS, value: ulongBytes(ObjectClass.CERTIFICATE) },
    ...(query.object === undefined
      ? []
      : [{ type: Attribute.LABEL, value: new TextEncoder().encode(query.object) }]),
    ...(query.id === undefined ? [] : [{ type: Attribute.ID, value: query.id }]),
  ]
  return module.find(session, template).map((object) => ({
    der: module.attribute(session, object, Attribute.VALUE),
    id: module.attribute(session, object, Attribute.ID),
  }))
}

/** Undefined where none can be had, as in a slot whose token is empty. */
function sessionIn({ module, slot }: Found): number | undefined {
  try {
    return module.openSession(slot)
  } catch (error) {
    if (error instanceof TokenError) return undefined
    throw error
  }
}

/** All certificates that can be seen without a PIN. */
export function listTokens(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly TokenCertificate[] {
  return tokens(environment).flatMap((found) => {
    const session = sessionIn(found)
    if (session === undefined) return []
    try {
      return certificatesIn(found, session, {}).map(({ der, id }) => ({
        token: found.token,
        uri: tokenUri(found.token, id),
        der,
      }))
    } finally {
      found.module.closeSession(session)
    }
  })
}

export type TokenFailure = 'not-found' | 'wrong-pin' | 'pin-locked' | 'no-key' | 'unsupported-key' | 'refused'

export interface TokenKey {
  readonly key: SigningKey
  /** DER, its own first. */
  readonly certificates: readonly Uint8Array[]
  readonly close: () => void
}

const failureOf = (error: unknown): TokenFailure => {
  if (!(error instanceof TokenError)) throw error
  if (error.rv === Rv.PIN_INCORRECT) return 'wrong-pin'
  return error.rv === Rv.PIN_LOCKED ? 'pin-locked' : 'refused'
}

/** The key that the query names, logged in to with the PIN (UTF-8). `typeOf` says of a certificate in DER what its key is. */
export function openTokenKey(
  query: TokenQuery,
  pin: Uint8Array,
  typeOf: (certificate: Uint8Array) => KeyType | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Result<TokenKey, TokenFailure> {
  for (const found of tokens(environment)) {
    if (query.token !== undefined && query.token !== found.token) continue
    const { module } = found
    const session = sessionIn(found)
    if (session === undefined) continue
    const close = (): void => module.closeSession(session)
    const refuse = (failure: TokenFailure): Result<TokenKey, TokenFailure> => {
      close()
      return fail(failure)
    }
    try {
      const [certificate] = certificatesIn(found, session, query)
      if (certificate === undefined) {
        close()
        continue
      }
      const type = typeOf(certificate.der)
      if (type === undefined) return refuse('unsupported-key')
      module.login(session, pin)
      const [key] = module.find(session, [
        { type: Attribute.CLASS, value: ulongBytes(ObjectClass.PRIVATE_KEY) },
        { type: Attribute.ID, value: certificate.id },
      ])
      if (key === undefined) return refuse('no-key')
      return ok({ key: tokenSigningKey(module, session, key, type), certificates: [certificate.der], close })
    } catch (error) {
      return refuse(failureOf(error))
    }
  }
  return fail('not-found')
}
