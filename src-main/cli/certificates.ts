/** `culvert certificates list|show|add|remove`: the certificates that are kept apart from profiles. */
import { basename } from 'node:path'
import type { KeptCertificate } from '../../src-shared/certificates.ts'
import { keptCertificateName, validityAt } from '../../src-shared/certificates.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Secret } from '../../src-shared/secret.ts'
import type { AddOptions } from '../app/certificate-store.ts'
import type { CertificateFile } from '../app/certificate-files.ts'
import { keptCertificatesOf } from '../app/kept-certificates.ts'
import type { Check } from '../host/linux/checks.ts'
import { parseCertificate } from '../pki/certificate.ts'
import { readLimited } from '../profiles/store.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { askNewPassword, readPasswordFile } from './file-password.ts'
import { openCertificates, openProfiles } from './profiles.ts'
import { keyValueLines, tableLines } from './words.ts'

const FILE_LIMIT = 1_048_576

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** Until when it counts, and what that means today. */
export function validityWords(
  certificate: Pick<KeptCertificate, 'notBefore' | 'notAfter'>,
  at: number,
): string {
  const { notBefore, notAfter } = certificate
  const left = Math.floor((notAfter - at) / 86_400_000)
  switch (validityAt(certificate, at)) {
    case 'valid':
      return `until ${day(notAfter)}`
    case 'soon':
      return `ends in ${left} ${left === 1 ? 'day' : 'days'} (${day(notAfter)})`
    case 'ended':
      return `ended ${day(notAfter)}`
    case 'not-yet':
      return `counts only from ${day(notBefore)}`
  }
}

const kindWords: Readonly<Record<KeptCertificate['kind'], string>> = { user: 'yours', trusted: 'trusted' }

async function usersOf(cli: Cli, id: string): Promise<readonly string[]> {
  const { profiles } = await openProfiles(cli).list()
  return profiles.filter((profile) => keptCertificatesOf(profile).includes(id)).map(({ name }) => name)
}

export async function listCertificates(cli: Cli, { json }: { readonly json?: boolean }): Promise<number> {
  const kept = await openCertificates(cli).list()
  const { terminal } = cli
  const now = Date.now()
  if (json === true) {
    const rows = kept.map((one) => ({ ...one, validity: validityAt(one, now) }))
    terminal.out(JSON.stringify(rows, null, 2))
    return exitCodes.done.number
  }
  if (kept.length === 0)
    terminal.out('There are no certificates yet. `culvert certificates add FILE` adds one.')
  const rows = kept.map((one) => [one.name, kindWords[one.kind], validityWords(one, now)])
  for (const [index, line] of tableLines(rows).entries()) {
    const one = kept[index]
    const isCalm = one === undefined || validityAt(one, now) === 'valid'
    terminal.out(isCalm ? line : `${line}  ${terminal.tint('busy', '!')}`)
  }
  return exitCodes.done.number
}

export async function showCertificate(
  cli: Cli,
  name: string,
  { json }: { readonly json?: boolean },
): Promise<number> {
  const one = await openCertificates(cli).find(name)
  const usedBy = await usersOf(cli, one.id)
  if (json === true) {
    cli.terminal.out(JSON.stringify({ ...one, validity: validityAt(one, Date.now()), usedBy }, null, 2))
    return exitCodes.done.number
  }
  cli.terminal.out(cli.terminal.tint('strong', one.name))
  const rows: (readonly [string, string])[] = [
    ['In profiles', keptCertificateName(one.id)],
    ['What', one.kind === 'user' ? 'yours, with its private key' : 'trusted'],
    ['Subject', one.subject],
    ['Issuer', one.issuer],
    ['Names', one.names],
    ['Counts', `${day(one.notBefore)} to ${day(one.notAfter)}, ${validityWords(one, Date.now())}`],
    ['SHA-256', one.fingerprint],
    ...(one.kind === 'user'
      ? [
          [
            'Its key',
            one.needsPassword ? 'is kept under its password, which is asked for' : 'is in your keyring',
          ] as const,
        ]
      : []),
    ['Used by', usedBy.length === 0 ? 'no profile' : usedBy.join(', ')],
  ]
  for (const line of keyValueLines(rows)) cli.terminal.out(line)
  return exitCodes.done.number
}

export interface AddFlags {
  readonly name?: string
  readonly passwordFile?: string
}

async function readFiles(paths: readonly string[]): Promise<readonly CertificateFile[]> {
  const files: CertificateFile[] = []
  for (const path of paths) {
    const bytes = await readLimited(path, FILE_LIMIT)
    if (!bytes.ok) throw new VpnError('usage', { problem: `${path} cannot be read: ${bytes.error}.` })
    files.push({ name: basename(path), bytes: bytes.value })
  }
  return files
}

/** Adds; asks for the files' password, then for one that protects a key which has none. */
export async function addCertificates(cli: Cli, paths: readonly string[], flags: AddFlags): Promise<number> {
  const files = await readFiles(paths)
  const store = openCertificates(cli)
  const named = flags.name === undefined ? {} : { name: flags.name }
  let password: Secret | undefined =
    flags.passwordFile === undefined ? undefined : await readPasswordFile(cli, flags.passwordFile)
  let protectWith: Secret | undefined
  const options = (): AddOptions => ({
    ...named,
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(protectWith === undefined ? {} : { protectWith: protectWith.reveal() }),
  })
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const added = await store.add(files, options())
        for (const one of added) tellAdded(cli, one)
        return exitCodes.done.number
      } catch (error) {
        if (!(error instanceof VpnError) || attempt > 3) throw error
        if (error.code === 'secret-missing' && flags.passwordFile === undefined) {
          password?.wipe()
          password = await cli.prompt(
            `Password of ${files[0]?.name ?? 'the file'}`,
            new AbortController().signal,
          )
          if (password === undefined) throw error
        } else if (error.details['reason'] === 'unprotected-key' && protectWith === undefined) {
          cli.terminal.err('There is no keyring here, so the private key is kept under a password.')
          protectWith = await askNewPassword(cli, 'Password for the private key')
        } else throw error
      }
    }
  } finally {
    password?.wipe()
    protectWith?.wipe()
    for (const { bytes } of files) bytes.fill(0)
  }
}

function tellAdded({ terminal }: Cli, one: KeptCertificate): void {
  const what = one.kind === 'user' ? 'to log in with' : 'as trusted'
  terminal.out(
    `${terminal.tint('ok', '✓')} Kept ${terminal.tint('strong', one.name)} ${what}, ${validityWords(one, Date.now())}`,
  )
  terminal.out(`  ${terminal.tint('faint', `In a profile: ${keptCertificateName(one.id)}`)}`)
}

export async function removeCertificate(
  cli: Cli,
  name: string,
  { force }: { readonly force?: boolean },
): Promise<number> {
  const store = openCertificates(cli)
  const one = await store.find(name)
  const usedBy = await usersOf(cli, one.id)
  if (usedBy.length > 0 && force !== true) {
    throw new VpnError('usage', {
      problem: `${one.name} is used by ${usedBy.join(', ')}. Change that, or say --force.`,
    })
  }
  await store.remove(one.id)
  cli.terminal.out(`Removed ${one.name}${one.kind === 'user' ? ' and its private key' : ''}.`)
  return exitCodes.done.number
}

/** Certificates on smart cards and other tokens, as profiles name them. */
export async function listTokenCertificates(cli: Cli): Promise<number> {
  const { listTokens } = await import('../host/pkcs11/token.ts')
  const found = listTokens(cli.environment)
  if (found.length === 0)
    cli.terminal.out('No token with a certificate is plugged in, or no PKCS#11 module for it is installed.')
  const rows = found.map(({ token, uri, der }) => {
    const certificate = parseCertificate(der)
    return [token, certificate.ok ? certificate.value.subject : 'a certificate that cannot be read', uri]
  })
  for (const line of tableLines(rows)) cli.terminal.out(line)
  return exitCodes.done.number
}

/** For `culvert doctor`: kept certificates that end soon or have ended. */
export async function certificateChecks(cli: Cli, at: number): Promise<readonly Check[]> {
  const kept = await openCertificates(cli).list()
  const due = kept.filter((one) => validityAt(one, at) !== 'valid')
  if (kept.length === 0) return []
  if (due.length === 0)
    return [{ name: 'certificates', status: 'ok', text: `${kept.length} kept, none ends within 30 days` }]
  return due.map((one) => ({
    name: 'certificates',
    status: 'warn',
    text: `${one.name} ${validityWords(one, at)}`,
    advice: 'Ask your administrator for a new one, then `culvert certificates add FILE`.',
  }))
}
