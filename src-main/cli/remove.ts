/** `culvert remove NAME`: forgets a profile and its secrets. */
import { VpnError } from '../../src-shared/errors.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { openProfiles, openSecrets } from './profiles.ts'
import { runningConnections } from './running.ts'

export async function removeProfile(cli: Cli, name: string): Promise<number> {
  const store = openProfiles(cli)
  const profile = await store.find(name)
  const running = await runningConnections(cli)
  if (running.some(({ profileId, state }) => profileId === profile.id && state.kind !== 'failed')) {
    throw new VpnError('already-running', { profile: profile.name })
  }
  await openSecrets(cli).forget(profile.id)
  await store.remove(profile.id)
  cli.terminal.out(`Removed ${profile.name} and its secrets.`)
  return exitCodes.done.number
}
