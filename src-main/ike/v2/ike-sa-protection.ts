/** Hands an IKE SA's keys to the peer that speaks under them (RFC 7296 section 2.14). */
import type { IkeSa } from './ike-sa.ts'
import type { ExchangePorts } from './initiator.ts'
import { createSkProtection } from './protection.ts'

export function protectIkeSa(ports: ExchangePorts, sa: IkeSa): void {
  const { suite, keys } = sa
  const direction = (
    encryptionKey: Uint8Array,
    integrityKey: Uint8Array | undefined,
  ): ReturnType<typeof createSkProtection> =>
    createSkProtection({
      crypto: ports.crypto,
      random: ports.random,
      protection: suite,
      encryptionKey,
      ...(integrityKey === undefined ? {} : { integrityKey }),
    })
  const fromInitiator = direction(keys.ei, keys.ai)
  const fromResponder = direction(keys.er, keys.ar)
  if (sa.initiator) sa.peer.protect(fromInitiator, fromResponder)
  else sa.peer.protect(fromResponder, fromInitiator)
}
