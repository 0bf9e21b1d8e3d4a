/** A data plane that is chosen before it is used: the fast one where it can be had, else the portable one, with the reason. */
import type { DataPlane } from './data-plane.ts'
import type { PortableDataPlaneParameters } from './portable-data-plane.ts'

/** Told of what happens on a plane; the same for each. */
export type DataPlaneTaker = Pick<PortableDataPlaneParameters, 'onIke' | 'onEvent'>

/** Rejects with what stands in the way. */
export type OpenDataPlane = (taker: DataPlaneTaker) => Promise<DataPlane>

export interface ChosenDataPlane {
  /** To be used when `choose` is done; what is read before is the portable plane's. */
  readonly plane: DataPlane
  /** Chooses once, however often it is called; never rejects. `refused` is told why it is not the fast one. */
  choose(refused: (reason: string) => void): Promise<void>
}

export function createChosenDataPlane(
  portable: DataPlane,
  openFast: (() => Promise<DataPlane>) | undefined,
): ChosenDataPlane {
  let chosen = portable
  let reason: string | undefined
  let closed = false
  let choosing: Promise<void> | undefined

  const attempt = async (refused: (reason: string) => void): Promise<void> => {
    if (openFast === undefined) return
    try {
      const fast = await openFast()
      if (closed) fast.close()
      else chosen = fast
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error)
      refused(reason)
    }
  }

  return {
    choose: (refused) => (choosing ??= attempt(refused)),
    plane: {
      get kind() {
        return chosen.kind
      },
      get description() {
        return reason === undefined ? chosen.description : `${chosen.description} (no fast one: ${reason})`
      },
      listen: (socket, framing) => chosen.listen(socket, framing),
      unlisten: (socket) => chosen.unlisten(socket),
      useTun: (tun) => chosen.useTun(tun),
      addPath: (path) => chosen.addPath(path),
      setPath: (id, change) => chosen.setPath(id, change),
      path: (id) => chosen.path(id),
      removePath: (id) => chosen.removePath(id),
      spiInUse: (spi) => chosen.spiInUse(spi),
      offerSpi: (spi) => chosen.offerSpi(spi),
      installInbound: (sa) => chosen.installInbound(sa),
      installOutbound: (sa) => chosen.installOutbound(sa),
      replaceOutbound: (old, sa) => chosen.replaceOutbound(old, sa),
      remove: (id) => chosen.remove(id),
      innerMtu: (path, suite) => chosen.innerMtu(path, suite),
      sendIke: (socket, to, message) => chosen.sendIke(socket, to, message),
      sendKeepalive: (path) => chosen.sendKeepalive(path),
      statistics: () => chosen.statistics(),
      close() {
        closed = true
        chosen.close()
      },
    },
  }
}
