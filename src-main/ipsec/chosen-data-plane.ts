/**
 * A data plane that is chosen before it is used: the fast one where it can be had, else the portable one, with the reason. When the
 * fast one stops for a fault, the portable one takes over sockets, adapter and paths, and the SAs, whose keys are gone, are told as
 * expired: the engine rekeys them, and the tunnel goes on.
 */
import type { PathId } from '../../src-shared/brands.ts'
import type { DatagramSocket, Tun } from '../ports.ts'
import type { DataPlane, IkeFraming } from './data-plane.ts'
import type { PortableDataPlaneParameters } from './portable-data-plane.ts'

/** Told of what happens on a plane; the same for each. */
export type DataPlaneTaker = Pick<PortableDataPlaneParameters, 'onIke' | 'onEvent'>

/** Rejects with what stands in the way. `onStopped`: the plane passes nothing any more. */
export type OpenDataPlane = (
  taker: DataPlaneTaker & { readonly onStopped: (reason: string) => void },
) => Promise<DataPlane>

export interface ChosenDataPlane {
  /** To be used when `choose` is done; what is read before is the portable plane's. */
  readonly plane: DataPlane
  /** Chooses once, however often it is called; never rejects. `refused` is told why it is not, or no longer, the fast one. */
  readonly choose: (refused: (reason: string) => void) => Promise<void>
}

/** `portable`: its ids must not meet the fast plane's. */
export function createChosenDataPlane(
  portable: DataPlane,
  taker: DataPlaneTaker,
  openFast: OpenDataPlane | undefined,
): ChosenDataPlane {
  let chosen = portable
  let reason: string | undefined
  let closed = false
  let choosing: Promise<void> | undefined
  let tun: Tun | undefined
  const framings = new Map<DatagramSocket, IkeFraming>()
  const paths = new Set<PathId>()
  /** Where a path of the fast plane is now. */
  const moved = new Map<PathId, PathId>()
  const now = (id: PathId): PathId => moved.get(id) ?? id

  const takeOver = (stopped: DataPlane): void => {
    const known = [...paths].map((id) => [id, stopped.path(id)] as const)
    const { sas } = stopped.statistics()
    stopped.close()
    chosen = portable
    for (const [socket, framing] of framings) portable.listen(socket, framing)
    for (const [id, path] of known) if (path !== undefined) moved.set(id, portable.addPath(path))
    if (tun !== undefined) portable.useTun(tun)
    for (const { id: sa, spi, direction } of sas)
      if (direction === 'outbound') taker.onEvent({ kind: 'hard-expired', sa, spi, cause: 'sequence' })
  }

  const attempt = async (refused: (reason: string) => void): Promise<void> => {
    if (openFast === undefined) return
    const refuse = (why: string): void => {
      reason = why
      refused(why)
    }
    try {
      const fast = await openFast({
        ...taker,
        onStopped(why) {
          if (closed || chosen === portable) return
          const stopped = chosen
          refuse(why)
          takeOver(stopped)
        },
      })
      if (closed) fast.close()
      else chosen = fast
    } catch (error) {
      refuse(error instanceof Error ? error.message : String(error))
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
      listen(socket, framing) {
        framings.set(socket, framing)
        chosen.listen(socket, framing)
      },
      unlisten(socket) {
        framings.delete(socket)
        chosen.unlisten(socket)
      },
      useTun(next) {
        tun = next
        chosen.useTun(next)
      },
      addPath(path) {
        const id = chosen.addPath(path)
        paths.add(id)
        return id
      },
      setPath: (id, change) => chosen.setPath(now(id), change),
      path: (id) => chosen.path(now(id)),
      removePath(id) {
        chosen.removePath(now(id))
        paths.delete(id)
        moved.delete(id)
      },
      spiInUse: (spi) => chosen.spiInUse(spi),
      offerSpi: (spi) => chosen.offerSpi(spi),
      installInbound: (sa) => chosen.installInbound({ ...sa, path: now(sa.path) }),
      installOutbound: (sa) => chosen.installOutbound({ ...sa, path: now(sa.path) }),
      replaceOutbound: (old, sa) => chosen.replaceOutbound(old, { ...sa, path: now(sa.path) }),
      remove: (id) => chosen.remove(id),
      innerMtu: (path, suite) => chosen.innerMtu(now(path), suite),
      sendIke: (socket, to, message) => chosen.sendIke(socket, to, message),
      sendKeepalive: (path) => chosen.sendKeepalive(now(path)),
      statistics: () => chosen.statistics(),
      close() {
        closed = true
        chosen.close()
      },
    },
  }
}
