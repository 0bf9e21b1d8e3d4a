import type { ConnectionStatus } from '../../../src-shared/status.ts'
import { algorithmName, encryptionName } from '../status/algorithm-names.ts'

/** How the tunnel is protected, in one line: `AES-256-GCM · Curve25519`. */
export function suiteLine(status: Pick<ConnectionStatus, 'ikeSas'>): string | undefined {
  const [ike] = status.ikeSas
  const child = ike?.childSas[0]
  if (ike === undefined || child === undefined) return undefined
  const integrity = child.suite.integrity
  return [
    encryptionName(child.suite),
    ...(integrity === undefined ? [] : [algorithmName(integrity)]),
    algorithmName(child.suite.group ?? ike.suite.group),
  ].join(' · ')
}
