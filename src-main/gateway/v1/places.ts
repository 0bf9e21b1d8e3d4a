/** The half-open clients of version 1: a bounded number of places, some for each address. */
import type { IkeSpi } from '../../../src-shared/brands.ts'
import type { Endpoint } from '../../ports.ts'
import type { DoorLimits } from '../door.ts'
import type { Place } from './place.ts'

export interface Places {
  /**
   * Before a place is taken: 'full' when none is to be had, and why is counted; else whoever has to go for it. Those who have
   * not yet answered with our cookie go first, the oldest of them; each message of aggressive mode costs a key exchange, so
   * those have a share of the places and no more.
   */
  makeRoom(address: string, isAggressive: boolean): Place | 'full' | undefined
  take(place: Place): void
  leave(place: Place): void
  byFirst(initiatorSpi: IkeSpi, from: Endpoint): Place | undefined
  byCookie(responderSpi: IkeSpi): Place | undefined
  all(): readonly Place[]
  readonly size: number
}

/** A quarter of the places, one at least. */
const aggressiveShare = 4

export function createPlaces(
  limits: Pick<DoorLimits, 'halfOpen' | 'halfOpenPerAddress'>,
  onDrop: (reason: string) => void,
): Places {
  /** In the order of their coming. */
  const byCookie = new Map<IkeSpi, Place>()
  const byFirst = new Map<string, Place>()
  const perAddress = new Map<string, number>()
  let aggressive = 0

  return {
    makeRoom(address, isAggressive) {
      if ((perAddress.get(address) ?? 0) >= limits.halfOpenPerAddress) {
        onDrop('too-many-from-address')
        return 'full'
      }
      if (isAggressive && aggressive >= Math.max(1, Math.floor(limits.halfOpen / aggressiveShare))) {
        onDrop('too-many-half-open')
        return 'full'
      }
      if (byCookie.size < limits.halfOpen) return undefined
      for (const place of byCookie.values()) {
        if (place.isReal || place.isAggressive) continue
        onDrop('half-open-displaced')
        return place
      }
      onDrop('too-many-half-open')
      return 'full'
    },
    take(place) {
      byCookie.set(place.spis.responderSpi, place)
      byFirst.set(keyOf(place.spis.initiatorSpi, place.first), place)
      perAddress.set(place.first.address, (perAddress.get(place.first.address) ?? 0) + 1)
      if (place.isAggressive) aggressive += 1
    },
    leave(place) {
      if (!byCookie.delete(place.spis.responderSpi)) return
      byFirst.delete(keyOf(place.spis.initiatorSpi, place.first))
      const left = (perAddress.get(place.first.address) ?? 1) - 1
      if (left > 0) perAddress.set(place.first.address, left)
      else perAddress.delete(place.first.address)
      if (place.isAggressive) aggressive -= 1
    },
    byFirst: (initiatorSpi, from) => byFirst.get(keyOf(initiatorSpi, from)),
    byCookie: (responderSpi) => byCookie.get(responderSpi),
    all: () => [...byCookie.values()],
    get size() {
      return byCookie.size
    },
  }
}

const keyOf = (initiatorSpi: IkeSpi, { address, port }: Endpoint): string =>
  `${initiatorSpi} ${address} ${port}`
