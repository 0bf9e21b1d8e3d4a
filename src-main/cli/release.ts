/** `culvert release`: lets out what the kill switch holds after a connection that failed or was killed. */
import { VpnError } from '../../src-shared/errors.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { openLog } from './open-log.ts'
import { runningConnections } from './running.ts'

export async function releaseKillSwitch(cli: Cli): Promise<number> {
  const running = await runningConnections(cli)
  const holder = running.find(({ killSwitch = 'off' }) => killSwitch !== 'off')
  if (holder !== undefined && holder.state.kind !== 'failed')
    throw new VpnError('already-running', { profile: holder.profileName })
  const log = openLog(cli)
  const engine = await cli.createEngine(log.log)
  try {
    if (engine.releaseKillSwitch === undefined) throw new VpnError('internal', { problem: 'no kill switch' })
    await engine.releaseKillSwitch()
    cli.terminal.out('Nothing is held back any more.')
    return exitCodes.done.number
  } finally {
    await engine.close()
    log.close()
  }
}
