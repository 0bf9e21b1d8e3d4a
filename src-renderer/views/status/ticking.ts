/** Ages and countdowns that go on between two reports of the main process. */

/** How old something is now that was `ageMs` old when the report came. */
export const ageNow = (ageMs: number, reportedAt: number, now: number): number =>
  ageMs + Math.max(0, now - reportedAt)

/** What is left now of a time that was `leftMs` long when the report came; never below zero. */
export const leftNow = (leftMs: number, reportedAt: number, now: number): number =>
  Math.max(0, leftMs - Math.max(0, now - reportedAt))

/** How far a life is spent, 0 to 1; undefined when it has no end. */
export function spent(ageMs: number, leftMs: number | undefined): number | undefined {
  if (leftMs === undefined) return undefined
  const whole = ageMs + leftMs
  return whole <= 0 ? 1 : Math.min(1, ageMs / whole)
}
