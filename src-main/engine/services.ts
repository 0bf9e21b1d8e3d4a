/** What the connections of one engine share. */
import type { EnginePorts } from './engine-ports.ts'
import { ExchangeRecorder } from './exchange-log.ts'
import { KeyExport } from './key-export.ts'
import { KillSwitch } from './kill-switch.ts'

export interface EngineServices {
  readonly exchanges: ExchangeRecorder
  readonly keyExport: KeyExport
  readonly killSwitch: KillSwitch
}

export const createEngineServices = (
  ports: Pick<EnginePorts, 'clock' | 'hostNetwork' | 'log' | 'openKeyFiles'>,
): EngineServices => ({
  exchanges: new ExchangeRecorder(ports.clock),
  keyExport: new KeyExport(ports),
  killSwitch: new KillSwitch(ports),
})
