/** Where the data plane's worker lies, and what a person may choose about it. */
import { dirname, join } from 'node:path'
import { providerNames } from '../host/fast/crypto/provider.ts'
import type { ProviderName } from '../host/fast/crypto/provider.ts'
import { openFastDataPlane } from '../host/fast/fast-data-plane.ts'
import type { OpenDataPlane } from '../ipsec/chosen-data-plane.ts'
import type { Clock, Log } from '../ports.ts'

/** The worker lies beside the helper, outside a packaged app's archive: both are programs of their own. */
export const dataPlaneWorkerBeside = (helperPath: string): string =>
  join(dirname(helperPath), 'data-plane-worker.cjs')

export interface FastDataPlaneParts {
  readonly helperPath: string
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Log
}

/**
 * `CULVERT_DATA_PLANE` in the environment chooses, for tests and measurements: `portable`, or the names of cipher providers in
 * the order to try them.
 */
export function fastDataPlaneOf({ helperPath, clock, log }: FastDataPlaneParts): OpenDataPlane {
  const wanted = process.env['CULVERT_DATA_PLANE']
  return async (taker) => {
    if (wanted === 'portable') throw new Error('CULVERT_DATA_PLANE says so')
    const workerPath = dataPlaneWorkerBeside(helperPath)
    return openFastDataPlane({ ...taker, workerPath, clock, log, providers: providersFrom(wanted) })
  }
}

function providersFrom(wanted: string | undefined): readonly ProviderName[] {
  const named = (wanted ?? '').split(',')
  const known = providerNames.filter((name) => named.includes(name))
  return known.length > 0 ? known : providerNames
}
