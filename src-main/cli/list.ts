/** `culvert list`: the stored profiles and what each is doing. */
import type { ConnectionState } from '../../src-shared/connection-state.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { dueCertificates } from '../app/certificate-expiry.ts'
import { stateWords } from '../app/state-words.ts'
import { validityWords } from './certificates.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { openCertificates, openProfiles } from './profiles.ts'
import { runningConnections } from './running.ts'
import { tableLines } from './words.ts'

export async function listProfiles(cli: Cli, options: { readonly json?: boolean }): Promise<number> {
  const { terminal } = cli
  const { profiles, broken } = await openProfiles(cli).list()
  const running = new Map((await runningConnections(cli)).map(({ profileId, state }) => [profileId, state]))
  const stateOf = (profile: Profile): ConnectionState => running.get(profile.id) ?? { kind: 'disconnected' }
  if (options.json === true) {
    const rows = profiles.map((profile) => ({
      id: profile.id,
      name: profile.name,
      gateway: profile.gateway,
      method: profile.local.authentication.method,
      state: stateOf(profile).kind,
    }))
    terminal.out(JSON.stringify({ profiles: rows, broken }, null, 2))
    return exitCodes.done.number
  }
  if (profiles.length === 0 && broken.length === 0) {
    terminal.out('There are no profiles yet. `culvert import FILE` adds one.')
  }
  const rows = profiles.map((profile) => [
    profile.name,
    profile.gateway.address,
    methodWords(profile),
    stateWords(stateOf(profile)),
  ])
  for (const line of tableLines(rows)) terminal.out(line)
  await tellDue(cli, profiles)
  for (const { file, where, problem } of broken) {
    terminal.err(
      `${terminal.tintErr('busy', '!')} ${file} cannot be used: ${where === '' ? '' : `${where}: `}${problem}`,
    )
  }
  return exitCodes.done.number
}

/** Says which certificates of profiles end soon. */
async function tellDue(cli: Cli, profiles: readonly Profile[]): Promise<void> {
  const kept = await openCertificates(cli).list()
  const now = Date.now()
  for (const profile of profiles) {
    for (const due of dueCertificates(profile, kept, now)) {
      const text = `${profile.name}: the certificate of ${due.name} ${validityWords(due, now)}`
      cli.terminal.err(`${cli.terminal.tintErr('busy', '!')} ${text}`)
    }
  }
}

/** How the user proves who they are, in few words. */
export function methodWords({ local: { authentication } }: Profile): string {
  switch (authentication.method) {
    case 'psk':
      return 'pre-shared key'
    case 'certificate':
      return 'certificate'
    case 'eap':
      return `password (${authentication.username})`
  }
}
