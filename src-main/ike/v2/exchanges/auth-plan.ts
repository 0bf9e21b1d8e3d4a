/**
 * What IKE_AUTH needs and the gateway's answer to IKE_SA_INIT does not change: made before the first message, so that the second
 * request leaves as soon as there are keys.
 */
import type { PrfName } from '../../../../src-shared/algorithms.ts'
import type { ChildSa } from '../../child-sa.ts'
import { padSecret } from '../../auth/psk.ts'
import { identityToWire } from '../../identity.ts'
import { freshSpi } from '../../esp-spi.ts'
import type { ExchangePorts, InitiatorConfiguration } from '../initiator.ts'
import { prfOf } from '../../mac.ts'
import type { Payload, PayloadOf } from '../payloads.ts'
import { childRequest } from './auth-child.ts'

export interface AuthPlan {
  readonly inboundSpi: ChildSa['inboundSpi']
  readonly idInitiator: PayloadOf<'id-initiator'>
  /** CP, SAi2, TSi, TSr. */
  readonly childPayloads: readonly Payload[]
  /** Absent where this side does not prove itself by a shared secret. */
  readonly ownSecret: PaddedSecret | undefined
  readonly gatewaySecret: PaddedSecret | undefined
  wipe(): void
}

/** prf(secret, "Key Pad for IKEv2") for each prf that may be chosen (RFC 7296 section 2.15). */
export interface PaddedSecret {
  /** Stays the owner's. Throws for a prf that was not offered. */
  under(prf: PrfName): Uint8Array
  wipe(): void
}

/** Rejects as the credentials do. */
export async function planIkeAuth(
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  spiInUse: (spi: ChildSa['inboundSpi']) => boolean,
): Promise<AuthPlan> {
  const { local, remote, localIdentity } = configuration
  const inboundSpi = freshSpi(ports.random, spiInUse)
  const idInitiator: AuthPlan['idInitiator'] = { type: 'id-initiator', ...identityToWire(localIdentity) }
  const childPayloads = childRequest(configuration, inboundSpi)
  const ownSecret = local.method === 'psk' ? await padded(ports, configuration, local.secret) : undefined
  try {
    const gatewaySecret =
      remote.method === 'psk' ? await padded(ports, configuration, remote.secret) : undefined
    const wipe = (): void => {
      ownSecret?.wipe()
      gatewaySecret?.wipe()
    }
    return { inboundSpi, idInitiator, childPayloads, ownSecret, gatewaySecret, wipe }
  } catch (error) {
    ownSecret?.wipe()
    throw error
  }
}

async function padded(
  ports: ExchangePorts,
  { proposals }: InitiatorConfiguration,
  secretOf: () => Promise<Uint8Array>,
): Promise<PaddedSecret> {
  const names = new Set(proposals.ike.flatMap(({ prfs }) => prfs))
  const secret = await secretOf()
  const pads = new Map([...names].map((name) => [name, padSecret(prfOf(ports.crypto, name), secret)]))
  secret.fill(0)
  return {
    under(prf) {
      const pad = pads.get(prf)
      if (pad === undefined) throw new Error('a prf that was not offered')
      return pad
    },
    wipe() {
      for (const pad of pads.values()) pad.fill(0)
    },
  }
}
