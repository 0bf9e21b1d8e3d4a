/** Drop counters whose values can be copied to the board in one go. */
import type { DropCounters, DropReason } from '../../ipsec/drops.ts'
import { dropReasons } from '../../ipsec/drops.ts'

export interface DropNumbers extends DropCounters {
  /** In the order of `dropReasons`. */
  readonly values: number[]
  add(reason: DropReason, count: number): void
}

const indexes: ReadonlyMap<DropReason, number> = new Map(dropReasons.map((reason, index) => [reason, index]))

export function createDropNumbers(): DropNumbers {
  const values = dropReasons.map(() => 0)
  const add = (reason: DropReason, count: number): void => {
    const index = indexes.get(reason) ?? 0
    values[index] = (values[index] ?? 0) + count
  }
  return { values, add, count: (reason) => add(reason, 1), read: () => readDrops(values) }
}

/** Only those that are not zero. */
export const readDrops = (values: readonly number[]): Readonly<Partial<Record<DropReason, number>>> =>
  Object.fromEntries(
    dropReasons
      .map((reason, index) => [reason, values[index] ?? 0] as const)
      .filter(([, count]) => count > 0),
  )
