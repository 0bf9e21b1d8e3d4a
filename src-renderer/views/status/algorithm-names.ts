/** What people call the algorithms an SA has agreed on. */
import {
  encryptionLabels,
  groupLabels,
  integrityLabels,
  prfLabels,
} from '../../../src-shared/algorithm-labels.ts'
import type { EspSuite, IkeSuite, Protection } from '../../../src-shared/algorithms.ts'

// A name these tables do not know yet is shown as it is: an algorithm must never be invisible.
const names: Readonly<Record<string, string>> = { ...integrityLabels, ...prfLabels, ...groupLabels }

export const algorithmName = (name: string): string => names[name] ?? name.toUpperCase()

/** `AES-256-GCM`, `AES-128-CBC`, `ChaCha20-Poly1305`. */
export const encryptionName = ({ encryption, keyBits }: Protection): string =>
  encryptionLabels[encryption](keyBits)

/** The suite in one line, the way an administrator would say it. */
export function suiteLine(suite: IkeSuite | EspSuite): string {
  return [
    encryptionName(suite),
    ...(suite.integrity === undefined ? [] : [algorithmName(suite.integrity)]),
    ...('prf' in suite ? [algorithmName(suite.prf)] : []),
    ...(suite.group === undefined ? [] : [algorithmName(suite.group)]),
  ].join(' · ')
}
