/** `culvert gateway --config FILE`: runs the embedded gateway until told to stop, and says who comes and goes. */
import type { GatewayRun } from '../app/gateway-run.ts'
import { openLog } from './open-log.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { gatewayEventLine } from './gateway-words.ts'

export interface GatewayOptions {
  readonly config: string
  readonly json?: boolean
}

/** `run` is `runGateway`, with the helper's place filled in. */
export async function serveGateway(
  cli: Cli,
  { config, json }: GatewayOptions,
  run: (parts: Omit<GatewayRun, 'helperPath'>) => Promise<void>,
): Promise<number> {
  const log = openLog(cli)
  const stop = new AbortController()
  const stopListening = cli.onInterrupt(() => stop.abort())
  try {
    await run({
      configFile: config,
      log: log.log,
      stop: stop.signal,
      onEvent: (event) =>
        cli.terminal.out(
          json === true ? JSON.stringify({ at: Date.now(), ...event }) : gatewayEventLine(event),
        ),
    })
    return exitCodes.done.number
  } finally {
    stopListening()
    log.close()
  }
}
