/** Which problem stands at which field, and when it is polite to say so. */
import type { FieldProblem } from '../../../src-shared/library.ts'

const isAt = (path: string, field: string): boolean => path === field || path.startsWith(`${field}.`)

/** The first problem of a field or of anything in it. */
export const problemAt = (problems: readonly FieldProblem[], field: string): FieldProblem | undefined =>
  problems.find((problem) => isAt(problem.field, field))

/** Of a list with one entry a line: which line it is, counted from 1. */
export function lineOf(problem: FieldProblem, field: string): number | undefined {
  const rest = problem.field.slice(field.length + 1)
  return /^\d+$/.test(rest) ? Number(rest) + 1 : undefined
}

/** What may be told: a field is left alone until the person has been there, or has asked to save. */
export const told = (
  problems: readonly FieldProblem[],
  touched: ReadonlySet<string>,
  hasTriedToSave: boolean,
): readonly FieldProblem[] =>
  hasTriedToSave ? problems : problems.filter(({ field }) => [...touched].some((one) => isAt(field, one)))

const expertFields = [
  'local.identity',
  'local.authentication.allow',
  'remote.identity',
  'remote.authentication.pin',
  'gateway.port',
  'traffic.local',
  'virtualAddress',
  'lifetimes',
  'livenessSeconds',
  'natKeepaliveSeconds',
  'forceEncapsulation',
  'fragmentation',
  'replayWindow',
  'mtu',
  'reconnect',
  'ikeVersion',
  'ikev1',
]

/** Whether a field stands in the part for experts. */
export const isExpert = (field: string): boolean => expertFields.some((one) => isAt(field, one))
