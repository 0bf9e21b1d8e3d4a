/** Fast data planes that are used again by the next test: a pair of threads takes longer to start than most tests to run. */
import type { ProviderName } from '../../../src-main/host/fast/crypto/provider.ts'
import { openFastDataPlane } from '../../../src-main/host/fast/fast-data-plane.ts'
import type { DataPlane } from '../../../src-main/ipsec/data-plane.ts'
import type { DataPlaneTaker } from '../../../src-main/ipsec/chosen-data-plane.ts'
import type { Clock } from '../../../src-main/ports.ts'

export interface PlaneUse extends DataPlaneTaker {
  readonly workerPath: string
  readonly providers: readonly ProviderName[]
  readonly clock: Pick<Clock, 'monotonic'>
}

export interface WarmPlane {
  /** As new: counters begin at zero. */
  readonly plane: DataPlane
  /** Puts it back, when its SAs, sockets and adapter are gone; closes it when the test already has. */
  readonly release: () => void
}

interface Idle {
  readonly key: string
  readonly real: DataPlane
  use: PlaneUse
}

const idle: Idle[] = []

export async function takePlane(use: PlaneUse): Promise<WarmPlane> {
  const key = JSON.stringify([use.workerPath, use.providers])
  const at = idle.findIndex((one) => one.key === key)
  const entry = at < 0 ? await open(key, use) : (idle.splice(at, 1)[0] ?? (await open(key, use)))
  entry.use = use
  const { real } = entry
  const before = real.statistics()
  let closed = false
  const plane: DataPlane = {
    ...real,
    statistics() {
      const now = real.statistics()
      const drops = Object.entries(now.drops).map(
        ([reason, count]) =>
          [
            reason,
            count - (Object.entries(before.drops).find(([name]) => name === reason)?.[1] ?? 0),
          ] as const,
      )
      return {
        ...now,
        drops: Object.fromEntries(drops.filter(([, count]) => count > 0)),
        keepalives: now.keepalives - before.keepalives,
        tooBigAnswers: now.tooBigAnswers - before.tooBigAnswers,
      }
    },
    close() {
      closed = true
      real.close()
    },
  }
  return {
    plane,
    release() {
      if (!closed) idle.push(entry)
    },
  }
}

async function open(key: string, use: PlaneUse): Promise<Idle> {
  const { workerPath, providers } = use
  const holder = { use }
  const real = await openFastDataPlane({
    workerPath,
    providers,
    guarded: true,
    log: () => undefined,
    clock: { monotonic: () => holder.use.clock.monotonic() },
    onIke: (from, message, socket) => holder.use.onIke(from, message, socket),
    onEvent: (event) => holder.use.onEvent(event),
  })
  return {
    key,
    real,
    get use() {
      return holder.use
    },
    set use(next) {
      holder.use = next
    },
  }
}

/** When the tests of a file are done. */
export function closeWarmPlanes(): void {
  for (const { real } of idle.splice(0)) real.close()
}
