/** The data plane of a connection or a gateway: the fast one where this machine has it, else the portable one. */
import { createChosenDataPlane } from '../ipsec/chosen-data-plane.ts'
import type { ChosenDataPlane, DataPlaneTaker } from '../ipsec/chosen-data-plane.ts'
import { createPortableDataPlane } from '../ipsec/portable-data-plane.ts'
import type { EnginePorts } from './engine-ports.ts'

/** No fast plane ever gives so many ids. */
const PORTABLE_IDS_FROM = 1e12

export function openDataPlane(
  {
    packetCrypto,
    clock,
    openFastDataPlane,
  }: Pick<EnginePorts, 'packetCrypto' | 'clock' | 'openFastDataPlane'>,
  taker: DataPlaneTaker,
): ChosenDataPlane {
  const portable = createPortableDataPlane({ packetCrypto, clock, ...taker, idsFrom: PORTABLE_IDS_FROM })
  return createChosenDataPlane(portable, taker, openFastDataPlane)
}
