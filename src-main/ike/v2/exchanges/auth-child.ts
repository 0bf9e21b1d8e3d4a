/** The end of IKE_AUTH on the initiator's side: addresses and the first Child SA (RFC 7296 sections 1.2, 2.9, 2.17, 2.19). */
import { VpnError } from '../../../../src-shared/errors.ts'
import {
  formatSelector,
  narrowSelectors,
  selectorOfEverything,
  selectorsCover,
} from '../../../ip/traffic-selector.ts'
import type { TrafficSelector } from '../../../ip/traffic-selector.ts'
import { espProposalsToWire, verifyEspChoice } from '../../proposals.ts'
import { spiBytes } from '../../esp-spi.ts'
import { directedKeys, readSpi } from '../child-material.ts'
import { configurationRequest, readConfiguration, selectorsOf } from '../configuration.ts'
import type { AssignedConfiguration, ChildKeys, ChildSa } from '../../child-sa.ts'
import type { ExchangePorts, InitiatorConfiguration } from '../initiator.ts'
import { childKeyLength, childKeyMaterial, cutChildKeys } from '../keys.ts'
import type { Message } from '../message.ts'
import type { Payload } from '../payloads.ts'
import { only } from '../refusal.ts'
import type { InitResult } from './init.ts'

export interface FirstChildSa {
  readonly child: ChildSa
  readonly childKeys: ChildKeys
  readonly assigned: AssignedConfiguration
}

/** CP(CFG_REQUEST), SAi2, TSi, TSr. */
export function childRequest(
  configuration: InitiatorConfiguration,
  inboundSpi: ChildSa['inboundSpi'],
): readonly Payload[] {
  const request = configurationRequest(configuration.virtualAddress)
  return [
    ...(request === undefined ? [] : [request]),
    { type: 'sa', proposals: espProposalsToWire(configuration.proposals.esp, spiBytes(inboundSpi)) },
    { type: 'ts-initiator', selectors: [...proposedLocal(configuration)] },
    { type: 'ts-responder', selectors: [...configuration.traffic.remote] },
  ]
}

/** RFC 7296 section 2.19: with a virtual address we do not know our selector yet, so we offer everything and are narrowed. */
function proposedLocal({ virtualAddress, traffic }: InitiatorConfiguration): readonly TrafficSelector[] {
  const everything = [
    ...(virtualAddress.ipv4 ? [selectorOfEverything(4)] : []),
    ...(virtualAddress.ipv6 ? [selectorOfEverything(6)] : []),
  ]
  return everything.length > 0 ? everything : traffic.local
}

/**
 * Keying material for whatever Child SA the gateway chooses, made while it does: that of each suite is the beginning of the
 * longest (RFC 7296 sections 2.13 and 2.17). The caller wipes it.
 */
export function firstChildMaterial(
  ports: ExchangePorts,
  { proposals }: InitiatorConfiguration,
  { sa, nonces }: InitResult,
): Uint8Array {
  const lengths = proposals.esp.flatMap(({ encryptions, integrities }) =>
    encryptions.flatMap(({ name, keyBits }) =>
      [undefined, ...integrities].map((integrity) =>
        childKeyLength({ encryption: name, keyBits, ...(integrity === undefined ? {} : { integrity }) }),
      ),
    ),
  )
  return childKeyMaterial(ports.crypto, sa.suite.prf, sa.keys.d, nonces, undefined, Math.max(...lengths))
}

/** Throws VpnError. `material` as of `firstChildMaterial`. */
export function acceptFirstChild(
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  inboundSpi: ChildSa['inboundSpi'],
  material: Uint8Array,
  message: Message,
): FirstChildSa {
  const answered = only(message, 'sa').proposals
  const choice = verifyEspChoice(configuration.proposals.esp, answered)
  if (!choice.ok) throw new VpnError('protocol-violation', { reason: choice.error })
  const answeredLocal = only(message, 'ts-initiator').selectors
  const remote = only(message, 'ts-responder').selectors
  assertNarrowed(answeredLocal, proposedLocal(configuration))
  assertNarrowed(remote, configuration.traffic.remote)
  const assigned = assignedIn(configuration, message)
  // With addresses of the tunnel we are those and nothing else: the gateway does not reach the machine's other ones.
  const own = selectorsOf(assigned)
  const local = own.length === 0 ? answeredLocal : narrowSelectors(answeredLocal, own)
  if (local.length === 0) throw new VpnError('no-common-traffic')
  const child: ChildSa = {
    inboundSpi,
    outboundSpi: readSpi(answered),
    suite: choice.value,
    local,
    remote,
    createdAt: ports.clock.monotonic(),
  }
  return { child, childKeys: directedKeys(cutChildKeys(child.suite, material), true), assigned }
}

/** RFC 7296 section 2.9: the responder may narrow what we offered, never widen it. */
export function assertNarrowed(
  answered: readonly TrafficSelector[],
  offered: readonly TrafficSelector[],
): void {
  if (answered.length === 0 || !selectorsCover(offered, answered)) {
    throw new VpnError('protocol-violation', {
      reason: `selectors never offered: ${answered.map(formatSelector).join(' ')}`,
    })
  }
}

const noConfiguration: AssignedConfiguration = { addresses: [], dnsServers: [], dnsDomains: [], subnets: [] }

/** RFC 7296 section 2.19: there is no answer where nothing was asked. */
function assignedIn(configuration: InitiatorConfiguration, message: Message): AssignedConfiguration {
  const { ipv4, ipv6 } = configuration.virtualAddress
  if (!ipv4 && !ipv6) return noConfiguration
  const payload = message.payloads.find((candidate) => candidate.type === 'configuration')
  const assigned = payload === undefined ? noConfiguration : readConfiguration(payload)
  if (assigned.addresses.length === 0) throw new VpnError('no-address')
  return assigned
}
