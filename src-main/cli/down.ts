/** `culvert down [NAME]`: ends a connection of this user, or all of them, wherever it was started. */
import type { ConnectionStatus } from '../../src-shared/status.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { BridgeClient } from '../app/bridge-client.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { withRunning } from './running.ts'

/** Whether a connection is the one named; without a name all are. */
export const isNamed = ({ profileId, profileName }: ConnectionStatus, name: string | undefined): boolean =>
  name === undefined || profileId === name || profileName.toLowerCase() === name.toLowerCase()

export const disconnect = (cli: Cli, name: string | undefined): Promise<number> =>
  withRunning(cli, async (clients) => {
    const ended = (await Promise.all(clients.map((client) => disconnectIn(client, name)))).flat()
    if (ended.length === 0) throw new VpnError('not-running', name === undefined ? {} : { profile: name })
    for (const profileName of ended) cli.terminal.out(`Disconnected from ${profileName}.`)
    return exitCodes.done.number
  })

/** The names of the profiles that this process disconnected from. */
async function disconnectIn(client: BridgeClient, name: string | undefined): Promise<readonly string[]> {
  const chosen = (await client.snapshot('connections')).filter((status) => isNamed(status, name))
  const ended: string[] = []
  for (const { profileId, profileName } of chosen) {
    const result = await client.call('disconnect', { profileId })
    // Its process may end before the answer is written: it is disconnected then, too.
    if (result.ok || result.error.code === 'not-running') ended.push(profileName)
    else throw new VpnError(result.error.code, result.error.details)
  }
  return ended
}
