/** The ESP SAs of a session: made by quick mode from either side, replaced before they end, deleted by either side. */
import type { EspSpi, Millis } from '../../../src-shared/brands.ts'
import { millis } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import { equalSelectors } from '../../ip/traffic-selector.ts'
import type { ChildSa, Effect } from '../child-sa.ts'
import { freshSpi } from '../esp-spi.ts'
import type { ConfiguredProposal } from '../proposal-text.ts'
import { groupsOf } from '../proposals.ts'
import { EncapsulationMode } from './code-points.ts'
import type { ExchangePorts, IsakmpSa } from './configuration.ts'
import type { Conversation } from './conversation.ts'
import { deleteEspSa, inform } from './exchanges/informational.ts'
import type { AgreedChild, SelectorPair } from './exchanges/quick.ts'
import { quickMode } from './exchanges/quick.ts'
import { answerQuickMode } from './exchanges/quick-responder.ts'
import type { Permits } from './exchanges/quick-responder.ts'
import type { Message } from './message.ts'
import type { Peer } from './peer.ts'
import type { Phase2Suite } from './suites.ts'
import { phase2Suites } from './suites.ts'

/** Where quick mode runs now: the newest ISAKMP SA. */
export interface CurrentSa {
  readonly sa: IsakmpSa
  readonly peer: Peer
}

export interface ChildrenParts {
  readonly ports: ExchangePorts
  readonly current: () => CurrentSa | undefined
  readonly proposals: readonly ConfiguredProposal[]
  readonly lifetimeSeconds: number
  readonly spiInUse: (spi: EspSpi) => boolean
  readonly perform: (effect: Effect) => void
  /** What of a pair of networks the two ends may speak between. */
  readonly permits: Permits
  /** An ESP SA stands until then, and is to be replaced before. */
  readonly onAgreed: (child: ChildSa, lifetimeSeconds: number) => void
  /** Both ends send on another one: once nothing is under way on this one any more, it is to be deleted. */
  readonly onReplaced: (child: ChildSa) => void
}

/** More than any honest peer makes. */
const MOST_CHILDREN = 64

interface Record {
  readonly child: ChildSa
  readonly named: SelectorPair
  replacedBy: ChildSa | undefined
}

export class Children {
  readonly #parts: ChildrenParts
  #records: Record[] = []

  constructor(parts: ChildrenParts) {
    this.#parts = parts
  }

  get all(): readonly ChildSa[] {
    return this.#records.map(({ child }) => child)
  }

  /** Asks for an ESP SA between these networks. With `replaces`, traffic moves over to it, and the old one is deleted. */
  async ask(local: TrafficSelector, remote: TrafficSelector, replaces?: ChildSa): Promise<AgreedChild> {
    const { ports, current, permits, perform, onAgreed, onReplaced } = this.#parts
    const now = current()
    if (now === undefined) throw new VpnError('cancelled')
    const request = { suites: this.#offer(now.sa), inboundSpi: this.#freshSpi(), local, remote }
    const agreed = await quickMode(ports, now.sa, now.peer, request)
    const { keys, named, suite } = agreed
    const child = { ...agreed.child, ...narrowed(agreed.child, permits) }
    const old = replaces === undefined ? undefined : this.#recordOf(replaces)
    this.#records.push({ child, named, replacedBy: undefined })
    perform({ kind: 'install', child, keys, ...(old === undefined ? {} : { replaces: old.child }) })
    onAgreed(child, suite.lifetimeSeconds)
    if (old !== undefined) {
      old.replacedBy = child
      onReplaced(old.child)
    }
    return { ...agreed, child }
  }

  /** Another ESP SA in place of this one, between the same networks. */
  replace(child: ChildSa): Promise<AgreedChild> {
    const record = this.#recordOf(child)
    if (record === undefined) return Promise.reject(new VpnError('cancelled'))
    return this.ask(record.named.local, record.named.remote, child)
  }

  /** Answers the other end's quick mode; rejects with the VpnError that says why not. */
  async answer({ sa }: CurrentSa, talk: Conversation, first: Message, ends: SelectorPair): Promise<ChildSa> {
    const { ports, permits, perform, onAgreed, onReplaced } = this.#parts
    if (this.#records.length >= MOST_CHILDREN)
      throw new VpnError('no-common-traffic', { notify: 'NO_PROPOSAL_CHOSEN', reason: 'too many' })
    let old: Record | undefined
    const inboundFirst = ({ child, named, keys }: AgreedChild): void => {
      old = this.#records.find(
        (record) => record.replacedBy === undefined && sameTraffic(record.named, named),
      )
      this.#records.push({ child, named, replacedBy: undefined })
      if (old === undefined) perform({ kind: 'install', child, keys })
      else perform({ kind: 'install-inbound-first', child, keys, replaces: old.child })
    }
    const policy = { suites: this.#accepted(sa), inboundSpi: this.#freshSpi(), ends, permits }
    const { child, suite } = await answerQuickMode(ports, sa, talk, first, policy, inboundFirst)
    if (old !== undefined) {
      old.replacedBy = child
      perform({ kind: 'switch-outbound', child })
      onReplaced(old.child)
    }
    onAgreed(child, Math.min(suite.lifetimeSeconds, this.#parts.lifetimeSeconds))
    return child
  }

  /** Takes an ESP SA down on both ends. */
  delete(child: ChildSa): void {
    const { ports, current } = this.#parts
    const now = current()
    if (!this.#forget(child) || now === undefined) return
    inform(ports, now.sa, now.peer, [deleteEspSa(child.inboundSpi)])
  }

  /** The other end has deleted the SAs that it receives on; gives those of ours that nothing replaces. */
  deletedByPeer(outboundSpis: readonly EspSpi[]): readonly ChildSa[] {
    const gone = this.#records.filter(({ child }) => outboundSpis.includes(child.outboundSpi))
    for (const { child } of gone) this.#forget(child)
    return gone.filter(({ replacedBy }) => replacedBy === undefined).map(({ child }) => child)
  }

  /** Whether it stands, and nothing has replaced it. */
  isCurrent(child: ChildSa): boolean {
    return this.#records.some((record) => record.child === child && record.replacedBy === undefined)
  }

  #recordOf(child: ChildSa): Record | undefined {
    return this.#records.find((record) => record.child === child)
  }

  of(spi: EspSpi): ChildSa | undefined {
    return this.all.find(({ inboundSpi, outboundSpi }) => inboundSpi === spi || outboundSpi === spi)
  }

  /** The other end has none of those that were made before. */
  forgetOlder(moment: Millis): void {
    for (const child of this.all) if (child.createdAt < moment) this.#forget(child)
  }

  clear(): void {
    for (const child of this.all) this.#forget(child)
  }

  #forget(child: ChildSa): boolean {
    const isThere = this.#records.some((record) => record.child === child)
    this.#records = this.#records.filter((record) => record.child !== child)
    if (isThere) this.#parts.perform({ kind: 'remove', child })
    return isThere
  }

  /** All with the preferred group, or without perfect forward secrecy where the first proposal has none. */
  #offer(sa: IsakmpSa): readonly Phase2Suite[] {
    const { proposals, lifetimeSeconds } = this.#parts
    return phase2Suites(proposals, proposals[0]?.groups[0], modeFor(sa), { lifetimeSeconds })
  }

  #accepted(sa: IsakmpSa): readonly Phase2Suite[] {
    const { proposals, lifetimeSeconds } = this.#parts
    return [undefined, ...groupsOf(proposals)].flatMap((group) =>
      phase2Suites(proposals, group, modeFor(sa), { lifetimeSeconds }),
    )
  }

  #freshSpi(): EspSpi {
    return freshSpi(this.#parts.ports.random, this.#parts.spiInUse)
  }
}

/** Tunnel mode, in UDP where there is a NAT; the drafts before RFC 3947 had other numbers (RFC 3947 section 5.1). */
const modeFor = ({ nat, features }: IsakmpSa): number => {
  if (features.natTraversal === undefined || !(nat.local || nat.remote)) return EncapsulationMode.TUNNEL
  return features.natTraversal === 'rfc3947'
    ? EncapsulationMode.UDP_TUNNEL
    : EncapsulationMode.UDP_TUNNEL_DRAFT
}

const sameTraffic = (a: SelectorPair, b: SelectorPair): boolean =>
  equalSelectors(a.local, b.local) && equalSelectors(a.remote, b.remote)

/** What was agreed may be more than is to pass. */
const narrowed = ({ local: [local], remote: [remote] }: ChildSa, permits: Permits): ReturnType<Permits> =>
  local === undefined || remote === undefined ? undefined : permits({ local, remote })

/** When an SA of this lifetime is to be replaced: nine tenths of it, the rest being for the exchange (RFC 4301 section 4.4.2.1). */
export const rekeyAfter = (lifetimeSeconds: number): Millis => millis(lifetimeSeconds * 900)
