/** `culvert import FILE…`: brings profiles of other programs, and Culvert's own, into the store. */
import { dirname, resolve } from 'node:path'
import type { ImportedProfile, SecretOutcome } from '../app/import-profiles.ts'
import { importFile, keepImported, secretPurpose } from '../app/import-profiles.ts'
import type { RecognisedImport } from '../profiles/import/import-profile.ts'
import type { ImportProblem } from '../profiles/import/importer.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { openProfiles, openSecrets } from './profiles.ts'
import type { Terminal, Tone } from './terminal.ts'

export interface ImportOptions {
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly username?: string
}

/** What is told of one file; with `--json` an array of these. */
interface FileReport {
  readonly file: string
  readonly format?: string
  readonly profiles: readonly {
    readonly id: string
    readonly name: string
    readonly replaced: boolean
    readonly secrets: readonly SecretOutcome[]
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
  const imported = await importFile(file, options.username)
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
      secrets,
    })),
    problems,
  }
}

const keep = (cli: Cli, imported: RecognisedImport, file: string): Promise<readonly ImportedProfile[]> =>
  keepImported(imported, {
    profiles: openProfiles(cli),
    secretStore: openSecrets(cli),
    directory: dirname(resolve(file)),
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
  for (const { name, replaced, secrets } of profiles) {
    const verb = isDryRun ? 'Would import' : replaced ? 'Updated' : 'Imported'
    terminal.out(
      `${terminal.tint('ok', '✓')} ${verb} ${terminal.tint('strong', name)} ${terminal.tint('faint', `(${from})`)}`,
    )
    for (const secret of secrets) terminal.out(`  ${secretWords(secret)}`)
  }
  if (profiles.length === 0) terminal.out(`${terminal.tint('bad', '✗')} Nothing imported from ${from}`)
  for (const { level, where, problem, advice } of problems) {
    const [tone, mark] = marks[level]
    terminal.out(`  ${terminal.tint(tone, mark)} ${where}: ${problem}.`.replace(/\.\.$/, '.'))
    terminal.out(`    ${terminal.tint('faint', advice)}`)
  }
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
