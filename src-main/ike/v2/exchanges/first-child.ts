/**
 * The end of IKE_AUTH on the responder's side: addresses and the first Child SA (RFC 7296 sections 1.2, 2.9, 2.19). When the
 * Child SA is refused, the IKE SA stands all the same.
 */
import { narrowSelectors } from '../../../ip/traffic-selector.ts'
import { selectEspProposal } from '../../proposals.ts'
import { freshSpi, parseEspSpi, spiBytes } from '../../esp-spi.ts'
import { childKeysFor } from '../child-material.ts'
import { ConfigurationAttribute, ConfigurationKind, Notify } from '../code-points.ts'
import type { ConfigurationWishes } from '../configuration.ts'
import { configurationReply, selectorsOf } from '../configuration.ts'
import type { AssignedConfiguration, ChildKeys, ChildSa } from '../../child-sa.ts'
import type { ExchangePorts } from '../initiator.ts'
import type { Message } from '../message.ts'
import type { Payload } from '../payloads.ts'
import { notify, only } from '../refusal.ts'
import type { Assign, ResponderConfiguration } from '../responder.ts'
import type { AuthenticatedClient } from './auth-responder.ts'
import type { InitResult } from './init.ts'

export interface FirstChild {
  /** What follows the proof in the last answer. */
  readonly payloads: readonly Payload[]
  readonly assigned: AssignedConfiguration | undefined
  readonly agreed: { readonly child: ChildSa; readonly childKeys: ChildKeys } | undefined
  /** Why there is none, as the client is told. */
  readonly refusal: number | undefined
}

export function answerFirstChild(
  ports: ExchangePorts,
  configuration: ResponderConfiguration,
  init: InitResult,
  { request }: AuthenticatedClient,
  assign: Assign,
  spiInUse: (spi: ChildSa['inboundSpi']) => boolean,
): FirstChild {
  const refuse = (type: number, assigned?: AssignedConfiguration): FirstChild => ({
    payloads: [notify(type)],
    assigned,
    agreed: undefined,
    refusal: type,
  })
  // RFC 6023: an IKE SA without a Child SA is for those who announce it; we do not.
  if (!request.payloads.some(({ type }) => type === 'sa')) return refuse(Notify.INVALID_SYNTAX)
  const wishes = wishesIn(request)
  // Section 3.15.4: here nobody comes in with an address of their own.
  if (wishes === undefined) return refuse(Notify.FAILED_CP_REQUIRED)
  const choice = selectEspProposal(only(request, 'sa').proposals, configuration.proposals.esp, {
    withGroup: false,
  })
  const outboundSpi = choice === undefined ? undefined : parseEspSpi(choice.wire.spi)
  if (choice === undefined || outboundSpi === undefined) return refuse(Notify.NO_PROPOSAL_CHOSEN)
  const assigned = assign(wishes)
  if (assigned === undefined || assigned.addresses.length === 0)
    return refuse(Notify.INTERNAL_ADDRESS_FAILURE)
  // Section 2.19: the client offers everything and is narrowed to the address it has got.
  const remote = narrowSelectors(only(request, 'ts-initiator').selectors, selectorsOf(assigned))
  const local = narrowSelectors(only(request, 'ts-responder').selectors, configuration.networks)
  if (remote.length === 0 || local.length === 0) return refuse(Notify.TS_UNACCEPTABLE, assigned)

  const child: ChildSa = {
    inboundSpi: freshSpi(ports.random, spiInUse),
    outboundSpi,
    suite: choice.suite,
    local,
    remote,
    createdAt: ports.clock.monotonic(),
  }
  const childKeys = childKeysFor(ports, init.sa, child, { nonces: init.nonces, weInitiated: false })
  return {
    payloads: [
      configurationReply(assigned),
      { type: 'sa', proposals: [{ ...choice.wire, spi: spiBytes(child.inboundSpi) }] },
      { type: 'ts-initiator', selectors: [...remote] },
      { type: 'ts-responder', selectors: [...local] },
    ],
    assigned,
    agreed: { child, childKeys },
    refusal: undefined,
  }
}

/** Which families of address the client asks for; undefined when it asks for none. */
function wishesIn(request: Message): ConfigurationWishes | undefined {
  const asked = request.payloads.find(({ type }) => type === 'configuration')
  if (asked?.type !== 'configuration' || asked.kind !== ConfigurationKind.CFG_REQUEST) return undefined
  const has = (attribute: number): boolean => asked.attributes.some((item) => item.attribute === attribute)
  const wishes = {
    ipv4: has(ConfigurationAttribute.INTERNAL_IP4_ADDRESS),
    ipv6: has(ConfigurationAttribute.INTERNAL_IP6_ADDRESS),
  }
  return wishes.ipv4 || wishes.ipv6 ? wishes : undefined
}

/** RFC 4478 section 3: seconds until the client is to authenticate again, four bytes. */
export function authLifetimeNotify(milliseconds: number): Payload {
  const data = new Uint8Array(4)
  new DataView(data.buffer).setUint32(0, Math.floor(milliseconds / 1000))
  return notify(Notify.AUTH_LIFETIME, data)
}
