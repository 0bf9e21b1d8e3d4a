/** Certificates kept apart from profiles: what files are taken, where keys go, and how profiles use them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dueCertificates } from '../../src-main/app/certificate-expiry.ts'
import { createCertificateStore } from '../../src-main/app/certificate-store.ts'
import type { AddOptions, CertificateStore } from '../../src-main/app/certificate-store.ts'
import { loadCredentials } from '../../src-main/app/credentials.ts'
import { keptCertificatesOf, withKeptCertificates } from '../../src-main/app/kept-certificates.ts'
import type { Keyring } from '../../src-main/app/keyring.ts'
import { copySecrets } from '../../src-main/app/profile-secrets.ts'
import { createSecretStore } from '../../src-main/app/secret-store.ts'
import type { SecretStore } from '../../src-main/app/secret-store.ts'
import { secretsOf } from '../../src-main/app/secrets.ts'
import { keptCertificateName } from '../../src-shared/certificates.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { Secret } from '../../src-shared/secret.ts'
import { authority, issue, pem } from '../fakes/certificates.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'
import type { ThrowawayPki } from '../profiles/throwaway-pki.ts'
import { bytesOf, makeThrowawayPki, textOf } from '../profiles/throwaway-pki.ts'
import { memoryKeyring } from './memory-keyring.ts'

let pki: ThrowawayPki
let root: string
beforeAll(() => {
  pki = makeThrowawayPki()
})
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'culvert-certificates-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

interface Kept {
  readonly secretStore: SecretStore
  readonly store: CertificateStore
}
const open = (keyring?: Keyring): Kept => {
  const secretStore = createSecretStore(join(root, 'keys'), keyring)
  return { secretStore, store: createCertificateStore(join(root, 'certificates'), secretStore) }
}
const file = (name: string, bytes: Uint8Array) => ({ name, bytes })
const problem = async (adding: Promise<unknown>): Promise<string> => {
  try {
    await adding
    return 'kept'
  } catch (error) {
    if (error instanceof VpnError)
      return `${error.code}: ${error.details['problem'] ?? error.details['reason'] ?? ''}`
    throw error
  }
}

/** All that lies on the disk. */
const everything = (): string =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')

describe('what is taken', () => {
  const password = (text: string): AddOptions => ({ password: bytesOf(text) })
  const pkcs7 = (): Uint8Array => {
    const path = join(root, 'both.pem')
    writeFileSync(path, `${textOf(pki.authority)}${textOf(pki.client)}`)
    return Uint8Array.from(
      execFileSync('openssl', ['crl2pkcs7', '-nocrl', '-certfile', path, '-outform', 'DER']),
    )
  }

  it.each<[string, () => readonly Uint8Array[], AddOptions, readonly string[]]>([
    ['PEM', () => [pki.authority], {}, ['Test CA: trusted']],
    ['DER', () => [pki.authorityDer], {}, ['Test CA: trusted']],
    ['PKCS#7', () => [pkcs7()], {}, ['maria: trusted', 'Test CA: trusted']],
    ['a certificate with its PKCS#8 key', () => [pki.client, pki.clientKey], {}, ['maria: user']],
    [
      'one file with both',
      () => [bytesOf(`${textOf(pki.clientKey)}${textOf(pki.client)}`)],
      {},
      ['maria: user'],
    ],
    [
      'an encrypted key',
      () => [pki.client, pki.authority, pki.clientKeyEncrypted],
      password('open sesame'),
      ['maria: user, password, chain 1'],
    ],
    ['PKCS#12', () => [pki.pkcs12], password('secret'), ['maria: user, password, chain 1']],
    ['PKCS#12 without a password', () => [pki.pkcs12Open], {}, ['maria: user']],
  ])('%s', async (_name, files, options, expected) => {
    const { store } = open(memoryKeyring())
    const named = files().map((bytes, index) => file(`file${index}`, bytes))
    const added = await store.add(named, options)
    const words = (await store.list()).map(
      ({ name, kind, needsPassword, chainLength }) =>
        `${name}: ${kind}${needsPassword ? ', password' : ''}${chainLength > 0 ? `, chain ${chainLength}` : ''}`,
    )
    expect(words).toEqual(expected)
    expect(added).toHaveLength(expected.length)
  })

  it('nothing else, with the reason', async () => {
    const { store } = open(memoryKeyring())
    expect(await problem(store.add([file('a', pki.pkcs12)]))).toBe(
      'secret-missing: a: it is protected by a password',
    )
    expect(await problem(store.add([file('a', pki.pkcs12)], password('x')))).toBe(
      'secret-missing: a: the password does not open it',
    )
    expect(await problem(store.add([file('a', pki.client), file('b', pki.clientKeyEncrypted)]))).toBe(
      'secret-missing: b: it is protected by a password',
    )
    expect(await problem(store.add([file('a', pki.client), file('b', pki.otherKey)]))).toBe(
      'usage: The private key belongs to none of the certificates.',
    )
    expect(
      await problem(store.add([file('a', pki.client), file('b', pki.clientKey), file('c', pki.otherKey)])),
    ).toBe('usage: There are several private keys in it.')
    expect(await problem(store.add([file('a', pki.clientKey)]))).toBe('usage: There is no certificate in it.')
    expect(await problem(store.add([file('a', bytesOf('hello'))]))).toMatch(
      'usage: a: it is not an X.509 certificate',
    )
    expect(await problem(store.add([file('a', new Uint8Array(0))]))).toMatch('usage: a:')
    expect(await store.list()).toEqual([])
  })

  it('the same again is an update, and not another one', async () => {
    const { store } = open(memoryKeyring())
    const [first] = await store.add([file('a', pki.authority)], { name: 'Office' })
    const [second] = await store.add([file('a', pki.authorityDer)])
    expect(second).toEqual(first)
    expect(await store.list()).toHaveLength(1)
  })
})

describe('private keys', () => {
  it('go to the keyring when they have no password', async () => {
    const keyring = memoryKeyring()
    const { store } = open(keyring)
    await store.add([file('a', pki.client), file('b', pki.clientKey)])
    expect([...keyring.held.values()].join()).toContain('PRIVATE KEY')
    expect(everything()).not.toContain('PRIVATE KEY')
  })

  it('are refused without a keyring, unless a password is given that protects them', async () => {
    const { store, secretStore } = open()
    const files = [file('a', pki.client), file('b', pki.clientKey)]
    expect(await problem(store.add(files))).toMatch(
      'usage: The private key has no password, and there is no keyring',
    )
    expect(await problem(store.add([file('a', pki.pkcs12Open)]))).toMatch('no keyring')
    expect(await store.list()).toEqual([])
    const [kept] = await store.add(files, { protectWith: bytesOf('long enough') })
    expect(kept).toMatchObject({ kind: 'user', needsPassword: true })
    expect(everything()).toContain('-----BEGIN ENCRYPTED PRIVATE KEY-----')
    expect(everything()).not.toContain('-----BEGIN PRIVATE KEY-----')
    // The very key, under that password.
    const key = await secretStore.fetch('any profile', keptCertificateName(kept?.id ?? ''))
    const opened = execFileSync('openssl', ['pkey', '-passin', 'pass:long enough'], { input: key?.reveal() })
    expect(opened.toString().trim()).toBe(textOf(pki.clientKey).trim())
  })

  it('lie where only their owner reads', async () => {
    const { store } = open()
    const [kept] = await store.add([file('a', pki.pkcs12)], { password: bytesOf('secret') })
    const id = kept?.id ?? ''
    expect(statSync(join(root, 'keys', id, `${id}.key`)).mode & 0o077).toBe(0)
    expect(statSync(join(root, 'certificates', `${id}.json`)).mode & 0o077).toBe(0)
  })

  it('are forgotten with their certificate', async () => {
    const keyring = memoryKeyring()
    const { store } = open(keyring)
    const [kept] = await store.add([file('a', pki.client), file('b', pki.clientKey)])
    await store.remove(kept?.id ?? '')
    expect([keyring.held.size, await store.list()]).toEqual([0, []])
  })
})

describe('a profile that refers to kept certificates', () => {
  const profileWith = (authorityId: string, userId: string): Profile =>
    sampleProfile({
      local: {
        authentication: {
          method: 'certificate',
          certificates: [],
          key: { from: 'store', id: keptCertificateName(userId) },
        },
      },
      remote: { authentication: { method: 'certificate', authorities: [keptCertificateName(authorityId)] } },
    })

  const credentialsOf = async (kept: Kept, profile: Profile, answers: readonly string[] = []) => {
    const left = [...answers]
    const secrets = secretsOf(profile, {
      store: kept.secretStore,
      ask: ({ kind }) => {
        const answer = left.shift()
        if (answer === undefined) throw new VpnError('secret-missing', { what: kind })
        return Promise.resolve(new Secret(bytesOf(answer)))
      },
      log: () => undefined,
      baseDirectory: root,
    })
    const whole = await withKeptCertificates(profile, (id) => kept.store.get(id))
    return loadCredentials(whole, secrets)
  }

  it.each<[string, () => readonly Uint8Array[], string, readonly string[]]>([
    ['a plain key in the keyring', () => [pki.client, pki.clientKey], '', []],
    ['an encrypted key', () => [pki.client, pki.clientKeyEncrypted], 'open sesame', ['open sesame']],
    ['a PKCS#12 file', () => [pki.pkcs12], 'secret', ['secret']],
  ])('logs in with %s', async (_name, files, password, answers) => {
    const kept = open(memoryKeyring())
    const [trusted] = await kept.store.add([file('ca', pki.authority)])
    const given = files().map((bytes, index) => file(`${index}`, bytes))
    const [user] = await kept.store.add(given, password === '' ? {} : { password: bytesOf(password) })
    const profile = profileWith(trusted?.id ?? '', user?.id ?? '')
    expect(keptCertificatesOf(profile)).toEqual([trusted?.id, user?.id])
    const credentials = await credentialsOf(kept, profile, answers)
    expect(credentials.local.method).toBe('signature')
    expect(credentials.localIdentity).toMatchObject({ kind: 'dn' })
    if (credentials.remote.method !== 'signature') throw new Error('no trust')
    expect(credentials.remote.trust.authorityKeyHashes()).toHaveLength(1)
  })

  it('fails with the place when one is gone, and never trusts anybody else instead', async () => {
    const kept = open(memoryKeyring())
    const [user] = await kept.store.add([file('a', pki.client), file('b', pki.clientKey)])
    const gone = '00000000-0000-4000-8000-000000000009'
    await expect(credentialsOf(kept, profileWith(gone, user?.id ?? ''))).rejects.toMatchObject({
      code: 'profile-invalid',
      details: { where: 'remote.authentication.authorities' },
    })
    // Whoever forgets to look them up fails as well.
    const profile = profileWith(gone, user?.id ?? '')
    const secrets = secretsOf(profile, {
      store: kept.secretStore,
      ask: () => Promise.resolve(new Secret(bytesOf(''))),
      log: () => undefined,
      baseDirectory: root,
    })
    await expect(loadCredentials(profile, secrets)).rejects.toMatchObject({ code: 'profile-invalid' })
  })

  it('keeps referring to them when it is duplicated', async () => {
    const kept = open(memoryKeyring())
    const [user] = await kept.store.add([file('a', pki.client), file('b', pki.clientKey)])
    const profile = profileWith(user?.id ?? '', user?.id ?? '')
    const copy = { ...profile, id: '00000000-0000-4000-8000-000000000008' }
    expect(await copySecrets(profile, copy, kept.secretStore)).toEqual(copy)
  })
})

describe('certificates that end', () => {
  const DAY = 86_400_000
  const now = Date.now()
  const ending = (days: number) =>
    pem(issue({ subject: `CN=${days}`, from: now - 400 * DAY, until: now + days * DAY }).der)

  it('are found in profiles and among what profiles refer to', async () => {
    const { store } = open()
    const [soon] = await store.add([file('soon', bytesOf(ending(10)))])
    const root1 = pem(authority('CN=root', { from: now - DAY, until: now + 3650 * DAY }).der)
    const profile = sampleProfile({
      local: {
        authentication: { method: 'certificate', certificates: [ending(-1)], key: { from: 'prompt' } },
      },
      remote: {
        authentication: {
          method: 'certificate',
          authorities: [root1, keptCertificateName(soon?.id ?? ''), ending(31), ending(29)],
        },
      },
    })
    const due = dueCertificates(profile, await store.list(), now)
    expect(due.map(({ name, validity }) => `${name} ${validity}`)).toEqual([
      'CN=-1 ended',
      '10 soon',
      'CN=29 soon',
    ])
  })
})
