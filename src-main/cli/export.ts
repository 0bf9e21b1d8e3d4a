/** `culvert export NAME --format FORMAT`: a profile for another program or another machine. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { bundleOf } from '../app/export-bundle.ts'
import { withKeptCertificates } from '../app/kept-certificates.ts'
import { exportProfile, exporters, isExportFormat } from '../profiles/export/export-profile.ts'
import type { Exported } from '../profiles/export/exporter.ts'
import { fileProblem } from '../profiles/store.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { askNewPassword, readPasswordFile } from './file-password.ts'
import { findProfile, openCertificates } from './profiles.ts'

export interface ExportOptions {
  readonly format?: string
  readonly output?: string
  readonly withSecrets?: boolean
  readonly passwordFile?: string
}

export async function exportNamed(cli: Cli, name: string, options: ExportOptions): Promise<number> {
  const format = options.format ?? 'culvert'
  if (!isExportFormat(format)) {
    throw new VpnError('usage', {
      problem: `There is no format called ${format}. There are: ${Object.keys(exporters).join(', ')}.`,
    })
  }
  if (options.withSecrets === true && format !== 'culvert') {
    throw new VpnError('usage', {
      problem: 'Secrets go only into Culvert’s own format, under a password. Leave out --format.',
    })
  }
  const found = await findProfile(cli, name)
  try {
    if (options.withSecrets === true) return await writeBundle(cli, found, options)
  } finally {
    found.dispose()
  }
  const whole = await withKept(cli, found.profile)
  const exported = exportProfile(whole, format)
  if (!exported.ok)
    throw new VpnError('usage', { problem: `This profile cannot be exported. ${exported.error}.` })
  await put(cli, exported.value, options.output)
  for (const { where, problem } of exported.value.lost) cli.terminal.err(`! ${where}: ${problem}.`)
  return exitCodes.done.number
}

/** What is kept here alone goes along. */
const withKept = (cli: Cli, profile: Profile): Promise<Profile> =>
  withKeptCertificates(profile, (id) => openCertificates(cli).get(id))

/** To the file, with what lies beside it; else to standard output. */
async function put(cli: Cli, { text, beside }: Exported, output: string | undefined): Promise<void> {
  if (output === undefined) {
    cli.terminal.out(text.replace(/\r?\n$/, ''))
    for (const { name } of beside) {
      cli.terminal.err(`! The file names ${name}, which --output FILE writes beside it.`)
    }
    return
  }
  await write(output, text, 0o644)
  for (const { name, text: certificate } of beside) {
    const path = join(dirname(resolve(output)), name)
    await mkdir(dirname(path), { recursive: true })
    await write(path, certificate, 0o644)
  }
}

async function write(path: string, text: string, mode: number): Promise<void> {
  await writeFile(path, text, { mode }).catch((error: unknown) => {
    throw new VpnError('usage', { problem: `${path} cannot be written: ${fileProblem(error)}.` })
  })
}

// ---------------------------------------------------------------- with secrets

async function writeBundle(
  cli: Cli,
  found: Awaited<ReturnType<typeof findProfile>>,
  { output, passwordFile }: ExportOptions,
): Promise<number> {
  if (output === undefined)
    throw new VpnError('usage', { problem: 'With secrets, name the file: --output FILE.' })
  const password =
    passwordFile === undefined ? await askNewPassword(cli) : await readPasswordFile(cli, passwordFile)
  try {
    const whole = { ...found, profile: await withKept(cli, found.profile) }
    const { text, missing } = await bundleOf(whole, password.reveal())
    await write(output, text, 0o600)
    for (const where of missing)
      cli.terminal.err(`! ${where}: This secret is not kept here; it is asked for.`)
  } finally {
    password.wipe()
  }
  return exitCodes.done.number
}
