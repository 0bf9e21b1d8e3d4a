/** SAs by hand, made ready for packet processing. */
import { espSpi, millis } from '../../src-shared/brands.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { equalAddresses, formatAddress } from '../ip/address.ts'
import type { IpAddress } from '../ip/address.ts'
import type { PacketView } from '../ip/packet.ts'
import type { SaLifetime } from '../ipsec/data-plane.ts'
import { createBoxIndex } from '../ipsec/policy/box-index.ts'
import type { FlowSelector, ManualLifetime, ManualSa } from '../ipsec/policy/manual-sa.ts'
import { isCombined } from '../ipsec/policy/xfrm-key.ts'
import { towards } from '../ipsec/policy/xfrm-policy.ts'
import type { AssociationParameters, AssociationTransform } from '../ipsec/processing/association.ts'
import type { Clock, PacketCrypto } from '../ports.ts'

export interface ManualSurroundings {
  readonly crypto: PacketCrypto
  readonly clock: Pick<Clock, 'monotonic'>
  /** All addresses of this machine. */
  readonly addresses: readonly IpAddress[]
}

/** Throws VpnError 'profile-invalid' for an SA that cannot be used here. The keys stay the caller's. */
export function associationOf(
  sa: ManualSa,
  { crypto, clock, addresses }: ManualSurroundings,
): AssociationParameters {
  const direction = directionOf(sa, addresses)
  const lastSequence = direction === 'outbound' ? sa.lastSent : sa.lastReceived
  return {
    direction,
    spi: espSpi(sa.spi),
    source: sa.source,
    destination: sa.destination,
    mode: sa.mode,
    requestId: sa.requestId,
    transform: transformOf(sa, crypto),
    extendedSequenceNumbers: sa.extendedSequenceNumbers,
    replayWindow: sa.replayWindow,
    ...(lastSequence === 0n ? {} : { lastSequence }),
    lifetime: lifetimeOf(sa.lifetime),
    ...(sa.lifetime.hardSeconds === undefined
      ? {}
      : { endsAt: millis(clock.monotonic() + sa.lifetime.hardSeconds * 1000) }),
    ...(sa.selector === undefined ? {} : { carries: carrier(sa.selector, direction) }),
    copyDscp: !sa.flags.includes('dont-encap-dscp'),
  }
}

const invalid = ({ line }: ManualSa, problem: string): VpnError =>
  new VpnError('profile-invalid', {
    where: `line ${line ?? 0}`,
    problem,
    advice: 'Mend that line: `man ip-xfrm` and docs/manual-keys.md say what may stand there.',
  })

/** The same SA stands at both ends: where it leads tells which end this is. */
function directionOf(sa: ManualSa, addresses: readonly IpAddress[]): 'inbound' | 'outbound' {
  const isOurs = (address: IpAddress) => addresses.some((own) => equalAddresses(own, address))
  const [from, to] = [isOurs(sa.source), isOurs(sa.destination)]
  if (from !== to) return to ? 'inbound' : 'outbound'
  const ends = `${formatAddress(sa.source)} and ${formatAddress(sa.destination)}`
  throw invalid(
    sa,
    from ? `${ends} are both addresses of this machine` : `neither of ${ends} is an address of this machine`,
  )
}

function transformOf(sa: ManualSa, crypto: PacketCrypto): AssociationTransform {
  const { encryption, integrity, encapsulation, paddedLength } = sa
  try {
    if (sa.protocol === 'ah') {
      if (integrity === undefined) throw invalid(sa, 'AH needs authentication')
      return {
        kind: 'ah',
        integrity: crypto.integrity({ integrity: integrity.name, key: integrity.key.reveal() }),
        // The kernel pads AH to 8 bytes in IPv4 too, as long as no flag says otherwise.
        ipv4Alignment: sa.flags.includes('align4') ? 4 : 8,
      }
    }
    if (encryption === undefined) throw invalid(sa, 'ESP needs enc or aead')
    const { name } = integrity ?? {}
    if (name === 'aes-128-gmac' || name === 'aes-192-gmac' || name === 'aes-256-gmac')
      throw invalid(sa, 'GMAC beside a cipher is not for ESP')
    return {
      kind: 'esp',
      cipher: crypto.cipher({
        encryption: encryption.name,
        encryptionKey: encryption.key.reveal(),
        // RFC 4303 section 3.1.1 allows encryption alone; readManualFile has warned of it.
        ...(name === undefined ? (isCombined(encryption) ? {} : { integrity: 'none' }) : { integrity: name }),
        ...(integrity === undefined ? {} : { integrityKey: integrity.key.reveal() }),
      }),
      ...(paddedLength === 0 ? {} : { padTo: paddedLength }),
      ...(encapsulation === undefined
        ? {}
        : {
            encapsulation: {
              sourcePort: encapsulation.sourcePort,
              destinationPort: encapsulation.destinationPort,
            },
          }),
    }
  } catch (error) {
    // A key of the wrong length, or a combination that the ciphers do not have.
    if (error instanceof RangeError || error instanceof TypeError) throw invalid(sa, error.message)
    throw error
  }
}

function lifetimeOf(lifetime: ManualLifetime): SaLifetime {
  const { softBytes, hardBytes, softPackets, hardPackets } = lifetime
  return {
    ...(softBytes === undefined ? {} : { softBytes }),
    ...(hardBytes === undefined ? {} : { hardBytes }),
    ...(softPackets === undefined ? {} : { softPackets }),
    ...(hardPackets === undefined ? {} : { hardPackets }),
  }
}

/** What `sel` lets through, as packets travel. */
function carrier(flow: FlowSelector, direction: 'inbound' | 'outbound'): (view: PacketView) => boolean {
  const way = direction === 'outbound' ? 'out' : 'in'
  const entry = {
    directions: [way],
    selector: towards(flow, way),
    names: [],
    action: { kind: 'bypass' },
    populate: [],
  } as const
  const index = createBoxIndex([entry], way)
  return (view) => index.find(view) !== undefined
}
