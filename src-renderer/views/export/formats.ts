/** What a profile can be exported as, and what of it fits into a QR code. */
import { exportFormats, type ExportFormat } from '../../../src-shared/export.ts'

/** `bundle`: with its secrets, under a password. */
export type ExportChoice = ExportFormat | 'bundle'

const own: readonly ExportChoice[] = ['culvert', 'bundle', 'link']

/** Culvert's own first, then those for other programs. */
export const exportChoices: readonly ExportChoice[] = [
  ...own,
  ...exportFormats.filter((format) => !own.includes(format)),
]

export const isExportChoice = (text: string): text is ExportChoice =>
  exportChoices.some((one) => one === text)

/** Bytes of a QR code of version 40 with the least correction (ISO/IEC 18004 table 7); larger ones no camera reads well anyway. */
export const QR_BYTES = 2953

export const fitsQrCode = (text: string): boolean => new TextEncoder().encode(text).length <= QR_BYTES

/** Shorter ones are guessed from the file alone; the main process refuses them too. */
export const SHORTEST_PASSWORD = 8

/** What is wrong with a new password typed twice, as a key of the words; undefined when nothing is. */
export function passwordProblem(first: string, second: string): 'short' | 'differs' | undefined {
  if (new TextEncoder().encode(first).length < SHORTEST_PASSWORD) return 'short'
  return first === second ? undefined : 'differs'
}
