/**
 * Certificates that are kept apart from profiles, one JSON file each, `ID.json`; their private keys are secrets like those of
 * profiles: encrypted by themselves in a private directory, or in the keyring, and nowhere else.
 */
import { createHash, randomUUID } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import type { KeptCertificate } from '../../src-shared/certificates.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { Secret } from '../../src-shared/secret.ts'
import type { Certificate } from '../pki/certificate.ts'
import { describeNames } from '../pki/identity-match.ts'
import { protectKey } from '../pki/keys.ts'
import { certificateOf, readCertificateFiles } from './certificate-files.ts'
import type { CertificateFile, FoundCertificates, FoundKey } from './certificate-files.ts'
import type { Directories } from './directories.ts'
import { readJsonFile, writeJsonFile } from './json-file.ts'
import type { SecretStore } from './secret-store.ts'

const pem = v.pipe(v.string(), v.maxLength(65_536), v.includes('-----BEGIN CERTIFICATE-----'))
const storedSchema = v.strictObject({
  version: v.literal(1),
  id: v.pipe(v.string(), v.uuid()),
  name: v.pipe(v.string(), v.maxLength(256)),
  /** The certificate first, then what leads to its authority. */
  certificates: v.pipe(v.array(pem), v.minLength(1), v.maxLength(16)),
  /** A user's certificate; `needsPassword`: to open the key. */
  key: v.exactOptional(v.strictObject({ kind: v.picklist(['key', 'pkcs12']), needsPassword: v.boolean() })),
})
type Stored = v.InferOutput<typeof storedSchema>

export interface AddOptions {
  /** What opens the files. UTF-8; stays the caller's. */
  readonly password?: Uint8Array
  /** What shall protect a key that has no password, where no keyring takes it. UTF-8; stays the caller's. */
  readonly protectWith?: Uint8Array
  readonly name?: string
}

export interface KeptChain {
  readonly certificates: readonly string[]
  readonly keyKind?: 'key' | 'pkcs12'
}

export interface CertificateStore {
  list(): Promise<readonly KeptCertificate[]>
  /** By id, name, or the beginning of a fingerprint. Throws VpnError 'usage'. */
  find(nameOrId: string): Promise<KeptCertificate>
  /** PEM, the certificate first, and what its key is. Throws VpnError 'usage'. */
  get(id: string): Promise<KeptChain>
  /**
   * Keeps what is in the files: one user's certificate with its chain when there is a key, else each certificate as trusted.
   * Throws VpnError 'secret-missing' when a password is needed or wrong, 'usage' for all else.
   */
  add(files: readonly CertificateFile[], options?: AddOptions): Promise<readonly KeptCertificate[]>
  remove(id: string): Promise<void>
}

const FILE = /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.json$/
const MOST_FILES = 2000

const usage = (problem: string): VpnError => new VpnError('usage', { problem })

export const fingerprintOf = ({ der }: Certificate): string => createHash('sha256').update(der).digest('hex')

/** What people call it: the common name where there is one. */
const nameOf = (certificate: Certificate): string =>
  (
    /(?:^|, )CN=([^,]+)/.exec(certificate.subject)?.[1] ??
    (certificate.subject || describeNames(certificate))
  ).slice(0, 256)

function describe({ id, name, certificates, key }: Stored): KeptCertificate | undefined {
  const [first = '', ...chain] = certificates
  const certificate = certificateOf(first)
  if (certificate === undefined) return undefined
  return {
    id,
    name,
    kind: key === undefined ? 'trusted' : 'user',
    subject: certificate.subject,
    issuer: certificate.issuer,
    names: describeNames(certificate),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    fingerprint: fingerprintOf(certificate),
    needsPassword: key?.needsPassword === true,
    chainLength: chain.length,
  }
}

/** Where they lie, beside the profiles. */
export const certificatesDirectory = ({ profiles }: Pick<Directories, 'profiles'>): string =>
  join(dirname(profiles), 'certificates')

async function readStored(directory: string, id: string): Promise<Stored | undefined> {
  const found = await readJsonFile(join(directory, `${id}.json`), storedSchema)
  return found.ok && found.value?.id === id ? found.value : undefined
}

/** Throws VpnError 'usage'. */
export async function readKeptChain(directory: string, id: string): Promise<KeptChain> {
  const stored = await readStored(directory, id)
  if (stored === undefined) throw usage(`The certificate ${id} is not kept here.`)
  const { certificates, key } = stored
  return { certificates, ...(key === undefined ? {} : { keyKind: key.kind }) }
}

export function createCertificateStore(directory: string, secretStore: SecretStore): CertificateStore {
  const pathOf = (id: string): string => join(directory, `${id}.json`)

  async function all(): Promise<readonly Stored[]> {
    const names = await readdir(directory).catch(() => [])
    const ids = names.flatMap((name) => FILE.exec(name)?.[1] ?? []).slice(0, MOST_FILES)
    const found = await Promise.all(ids.map((id) => readStored(directory, id)))
    return found.filter((one) => one !== undefined)
  }

  async function list(): Promise<readonly KeptCertificate[]> {
    const found = (await all()).flatMap((stored) => describe(stored) ?? [])
    return found.toSorted((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id))
  }

  async function find(nameOrId: string): Promise<KeptCertificate> {
    const wanted = nameOrId.toLowerCase()
    const kept = await list()
    const rules: readonly ((one: KeptCertificate) => boolean)[] = [
      ({ id }) => id === wanted,
      ({ name }) => name === nameOrId,
      ({ name }) => name.toLowerCase() === wanted,
      ({ fingerprint }) => /^[\da-f]{8,}$/.test(wanted) && fingerprint.startsWith(wanted),
    ]
    for (const rule of rules) {
      const [first, ...more] = kept.filter(rule)
      if (first === undefined) continue
      if (more.length === 0) return first
      throw usage(
        `Several certificates are called ${nameOrId}; name one by its id: ${[first, ...more].map(({ id }) => id).join(', ')}.`,
      )
    }
    throw usage(`There is no certificate called ${nameOrId}.`)
  }

  /** Keeps the key where it is safe; gives how it was kept. */
  async function keepKey(
    id: string,
    name: string,
    key: FoundKey,
    options: AddOptions,
  ): Promise<NonNullable<Stored['key']>> {
    const entry = (bytes: Uint8Array, encrypted: boolean) => ({
      id,
      profileId: id,
      label: `Culvert: private key of ${name}`,
      encrypted,
      value: new Secret(bytes.slice()),
    })
    const keep = async (bytes: Uint8Array, encrypted: boolean): Promise<boolean> => {
      const kept = entry(bytes, encrypted)
      try {
        return (await secretStore.keep(kept)) !== 'not-kept'
      } finally {
        kept.value.wipe()
      }
    }
    if (await keep(key.bytes, key.encrypted)) return { kind: key.kind, needsPassword: key.encrypted }
    const { protectWith } = options
    const protectedKey =
      protectWith === undefined || key.kind !== 'key' ? undefined : protectKey(key.bytes, protectWith)
    if (protectedKey?.ok === true) {
      const kept = await keep(protectedKey.value, true)
      protectedKey.value.fill(0)
      if (kept) return { kind: 'key', needsPassword: true }
    }
    throw new VpnError('usage', {
      problem:
        'The private key has no password, and there is no keyring here that could keep it. Give it a password, and add it again.',
      reason: 'unprotected-key',
    })
  }

  async function save(stored: Stored): Promise<KeptCertificate> {
    await writeJsonFile(pathOf(stored.id), stored)
    const shown = describe(stored)
    if (shown === undefined) throw usage('The certificate cannot be used.')
    return shown
  }

  async function addUser(
    found: FoundCertificates & { readonly key: FoundKey },
    options: AddOptions,
  ): Promise<KeptCertificate> {
    const [first = ''] = found.certificates
    const certificate = certificateOf(first)
    if (certificate === undefined) throw usage('The certificate cannot be used.')
    const same = (await all()).find(({ certificates, key }) => certificates[0] === first && key !== undefined)
    const id = same?.id ?? randomUUID()
    const name = options.name ?? same?.name ?? nameOf(certificate)
    const key = await keepKey(id, name, found.key, options)
    return save({ version: 1, id, name, certificates: [...found.certificates].slice(0, 16), key })
  }

  async function addTrusted(
    pems: readonly string[],
    options: AddOptions,
  ): Promise<readonly KeptCertificate[]> {
    const known = (await all()).filter(({ key }) => key === undefined)
    const added: KeptCertificate[] = []
    for (const one of pems) {
      const certificate = certificateOf(one)
      if (certificate === undefined) throw usage('The certificate cannot be used.')
      const same = known.find(({ certificates }) => certificates[0] === one)
      const name = (pems.length === 1 ? options.name : undefined) ?? same?.name ?? nameOf(certificate)
      added.push(await save({ version: 1, id: same?.id ?? randomUUID(), name, certificates: [one] }))
    }
    return added
  }

  return {
    list,
    find,
    get: (id) => readKeptChain(directory, id),
    async add(files, options = {}) {
      const found = readCertificateFiles(files, options.password)
      if (!found.ok) {
        const { kind, problem } = found.error
        if (kind === 'other') throw usage(`${problem}.`)
        throw new VpnError('secret-missing', {
          what: 'The password of the file',
          reason: problem,
          advice: `${problem}. Give its password.`,
        })
      }
      const { certificates, key } = found.value
      if (key === undefined) return addTrusted(certificates, options)
      try {
        return [await addUser({ certificates, key }, options)]
      } finally {
        key.bytes.fill(0)
      }
    },
    async remove(id) {
      await secretStore.forget(id)
      await rm(pathOf((await find(id)).id), { force: true })
    },
  }
}
