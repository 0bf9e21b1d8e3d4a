/** Carries what IKE agreed on into the data plane: a session's effects become SAs of the plane. */
import type { EspSpi, PathId, SaId } from '../../src-shared/brands.ts'
import type { ChildKeys, ChildSa, DirectionKeys, Effect } from '../ike/child-sa.ts'
import type {
  DataPlane,
  OutboundSaParameters,
  SaLifetime,
  SaParameters,
  SaStatistics,
} from '../ipsec/data-plane.ts'

export interface ChildSaTerms {
  readonly replayWindow: number
  readonly lifetime: SaLifetime
  /** Both directions of a Child SA, or the inbound one of a rekeyed one, are in the plane. */
  readonly onInstalled?: (child: ChildSa) => void
  /** Told what an SA has carried, when it goes. */
  readonly onRetired?: (statistics: SaStatistics) => void
}

interface Installed {
  readonly child: ChildSa
  readonly inbound: SaId
  outbound: SaId | undefined
  /** Known, and not yet sent on: what `switch-outbound` installs. */
  waiting: { readonly parameters: OutboundSaParameters; readonly replaces: ChildSa } | undefined
}

/** The Child SAs of one session in the plane. */
export class ChildSas {
  readonly #plane: DataPlane
  readonly #terms: ChildSaTerms
  readonly #path: () => PathId
  readonly #installed = new Map<EspSpi, Installed>()

  constructor(plane: DataPlane, terms: ChildSaTerms, path: () => PathId) {
    this.#plane = plane
    this.#terms = terms
    this.#path = path
  }

  perform(effect: Effect): void {
    switch (effect.kind) {
      case 'install': {
        const entry = this.#installInbound(effect.child, effect.keys)
        const parameters = this.#parameters(effect.child, effect.child.outboundSpi, effect.keys.outbound)
        entry.outbound = this.#takeOver(effect.replaces, parameters)
        wipe(effect.keys)
        this.#terms.onInstalled?.(effect.child)
        return
      }
      case 'install-inbound-first': {
        const entry = this.#installInbound(effect.child, effect.keys)
        entry.waiting = {
          parameters: this.#parameters(effect.child, effect.child.outboundSpi, effect.keys.outbound),
          replaces: effect.replaces,
        }
        wipeDirection(effect.keys.inbound)
        this.#terms.onInstalled?.(effect.child)
        return
      }
      case 'switch-outbound': {
        const entry = this.#installed.get(effect.child.inboundSpi)
        if (entry?.waiting === undefined) return
        const { parameters, replaces } = entry.waiting
        entry.waiting = undefined
        entry.outbound = this.#takeOver(replaces, parameters)
        wipeDirection(parameters.keys)
        return
      }
      case 'remove': {
        const entry = this.#installed.get(effect.child.inboundSpi)
        if (entry === undefined) return
        this.#installed.delete(effect.child.inboundSpi)
        this.#retire(entry.inbound)
        this.#plane.remove(entry.inbound)
        if (entry.outbound !== undefined) {
          this.#retire(entry.outbound)
          this.#plane.remove(entry.outbound)
        }
        if (entry.waiting !== undefined) wipeDirection(entry.waiting.parameters.keys)
        return
      }
    }
  }

  /** The plane's ids of a Child SA's two directions. */
  idsOf(child: ChildSa): { readonly inbound: SaId; readonly outbound: SaId | undefined } | undefined {
    return this.#installed.get(child.inboundSpi)
  }

  #installInbound(child: ChildSa, keys: ChildKeys): Installed {
    const installed = this.#plane.installInbound({
      ...this.#parameters(child, child.inboundSpi, keys.inbound),
      replayWindow: this.#terms.replayWindow,
    })
    if (!installed.ok) throw new Error('an SPI was offered that is in use')
    const entry: Installed = { child, inbound: installed.value, outbound: undefined, waiting: undefined }
    this.#installed.set(child.inboundSpi, entry)
    return entry
  }

  #takeOver(replaced: ChildSa | undefined, parameters: OutboundSaParameters): SaId {
    const old = replaced === undefined ? undefined : this.#installed.get(replaced.inboundSpi)
    if (old?.outbound === undefined) return this.#plane.installOutbound(parameters)
    this.#retire(old.outbound)
    const fresh = this.#plane.replaceOutbound(old.outbound, parameters)
    old.outbound = undefined
    return fresh
  }

  #retire(id: SaId): void {
    const { onRetired } = this.#terms
    if (onRetired === undefined) return
    const statistics = this.#plane.statistics().sas.find((sa) => sa.id === id)
    if (statistics !== undefined) onRetired(statistics)
  }

  #parameters(child: ChildSa, spi: EspSpi, keys: DirectionKeys): SaParameters {
    return {
      spi,
      suite: child.suite,
      keys,
      selectors: { local: child.local, remote: child.remote },
      path: this.#path(),
      lifetime: this.#terms.lifetime,
    }
  }
}

function wipe(keys: ChildKeys): void {
  wipeDirection(keys.inbound)
  wipeDirection(keys.outbound)
}

function wipeDirection(keys: DirectionKeys): void {
  keys.encryptionKey.fill(0)
  keys.integrityKey?.fill(0)
}
