/** `culvert import FILE…`: brings profiles of other programs, and Culvert's own, into the store. */
import { basename } from 'node:path'
import type { Profile } from '../../src-shared/profile.ts'
import type { ImportedProfile, SecretOutcome } from '../app/import-profiles.ts'
import { importDirectory, importFile, keepImported, secretPurpose } from '../app/import-profiles.ts'
import type { RecognisedImport } from '../profiles/import/import-profile.ts'
import type { ImportProblem } from '../profiles/import/importer.ts'
import { withReferences } from '../profiles/references.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { readPasswordFile } from './file-password.ts'
import { openProfiles, openSecrets } from './profiles.ts'
import type { Terminal, Tone } from './terminal.ts'

export interface ImportOptions {
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly username?: string
  readonly passwordFile?: string
}

/** What is told of one file; with `--json` an array of these. */
interface FileReport {
  readonly file: string
  readonly format?: string
  readonly profiles: readonly {
    readonly id: string
    readonly name: string
    readonly replaced: boolean
    readonly gateway: string
    readonly secrets: readonly SecretOutcome[]
    /** What will be asked for at each connection: places in the profile. */
    readonly askedFor: readonly string[]
  }[]
  readonly problems: readonly ImportProblem[]
}

export async function importProfiles(
  cli: Cli,
  files: readonly string[],
  options: ImportOptions,
): Promise<number> {
  const reports: FileReport[] = []
  for (const file of files) reports.push(await importOne(cli, file, options))
  if (options.json === true) cli.terminal.out(JSON.stringify(reports, null, 2))
  else for (const report of reports) tell(cli.terminal, report, options.dryRun === true)
  return reports.every(({ profiles }) => profiles.length > 0)
    ? exitCodes.done.number
    : exitCodes.profile.number
}

async function importOne(cli: Cli, file: string, options: ImportOptions): Promise<FileReport> {
  const imported = await readWithPassword(cli, file, options)
  if (!imported.ok) {
    const problem: ImportProblem = {
      level: 'error',
      where: file,
      problem: `The file cannot be imported: ${imported.error}`,
      advice: 'Check its name and place.',
    }
    return { file, profiles: [], problems: [problem] }
  }
  const { format, problems } = imported.value
  const kept = options.dryRun === true ? dryRun(imported.value) : await keep(cli, imported.value, file)
  return {
    file,
    ...(format === undefined ? {} : { format }),
    profiles: kept.map(({ profile, replaced, secrets }) => ({
      id: profile.id,
      name: profile.name,
      replaced,
      gateway: profile.gateway.address,
      secrets,
      askedFor: promptsOf(profile),
    })),
    problems,
  }
}

/** Asks for the password of a protected file, three times at most, where there is somebody to ask. */
async function readWithPassword(
  cli: Cli,
  file: string,
  { username, passwordFile }: ImportOptions,
): Promise<Awaited<ReturnType<typeof importFile>>> {
  const named = username === undefined ? {} : { username }
  let imported = await importFile(file, named)
  for (let attempt = 1; imported.ok && imported.value.needsPassword === true && attempt <= 3; attempt += 1) {
    const password =
      passwordFile === undefined
        ? await cli.prompt(`Password of ${basename(file)}`, new AbortController().signal)
        : await readPasswordFile(cli, passwordFile)
    if (password === undefined) return imported
    imported = await importFile(file, { ...named, password: password.reveal() })
    password.wipe()
    if (passwordFile !== undefined) return imported
  }
  return imported
}

function promptsOf(profile: Profile): readonly string[] {
  const places: string[] = []
  withReferences(profile, (reference, where) => {
    // A key's password is asked for only when it needs one.
    if (reference.from === 'prompt' && !where.endsWith('.keyPassword')) places.push(where)
    return reference
  })
  return places
}

const keep = (cli: Cli, imported: RecognisedImport, file: string): Promise<readonly ImportedProfile[]> =>
  keepImported(imported, {
    profiles: openProfiles(cli),
    secretStore: openSecrets(cli),
    directory: importDirectory(file),
  })

function dryRun(imported: RecognisedImport): readonly ImportedProfile[] {
  for (const { value } of imported.secrets) value.wipe()
  return imported.profiles.map((profile) => ({ profile, secrets: [], replaced: false }))
}

const marks: Readonly<Record<ImportProblem['level'], readonly [Tone, string]>> = {
  error: ['bad', '✗'],
  warning: ['busy', '!'],
  note: ['faint', '·'],
}

function tell(terminal: Terminal, { file, format, profiles, problems }: FileReport, isDryRun: boolean): void {
  const from = format === undefined ? file : `${file}, ${format}`
  for (const { name, replaced, secrets, gateway, askedFor } of profiles) {
    const verb = isDryRun ? 'Would import' : replaced ? 'Updated' : 'Imported'
    terminal.out(
      `${terminal.tint('ok', '✓')} ${verb} ${terminal.tint('strong', name)} ${terminal.tint('faint', `(${from})`)}`,
    )
    if (isDryRun) {
      terminal.out(`  Gateway ${gateway}`)
      for (const place of askedFor) terminal.out(`  ${askedWords(place)} is asked for when you connect.`)
    }
    for (const secret of secrets) terminal.out(`  ${secretWords(secret)}`)
  }
  if (profiles.length === 0) terminal.out(`${terminal.tint('bad', '✗')} Nothing imported from ${from}`)
  for (const { level, where, problem, advice } of problems) {
    const [tone, mark] = marks[level]
    terminal.out(`  ${terminal.tint(tone, mark)} ${where}: ${problem}.`.replace(/\.\.$/, '.'))
    terminal.out(`    ${terminal.tint('faint', advice)}`)
  }
}

const askedWords = (place: string): string => {
  if (place.endsWith('.password')) return 'The password'
  return place.endsWith('.key') ? 'The private key' : 'The pre-shared key'
}

function secretWords({ kind, outcome, path }: SecretOutcome): string {
  const what = `The ${secretPurpose(kind)}`
  switch (outcome) {
    case 'kept-in-keyring':
      return `${what} is kept in your keyring.`
    case 'kept-encrypted':
      return `${what} is kept, encrypted as it came; its password is asked for.`
    case 'read-from-its-file':
      return `${what} stays in ${path ?? 'its file'} and is read from there.`
    case 'not-kept':
      if (kind === 'key' || kind === 'pkcs12') {
        return `${what} has no password that protects it, so it is not kept. Ask for one with a password, or use \`culvert up FILE\`.`
      }
      return `${what} is not kept, as there is no keyring here; it is asked for when you connect.`
  }
}
