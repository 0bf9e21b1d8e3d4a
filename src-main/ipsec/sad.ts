/** The security association database (RFC 4301 section 4.4.2): inbound by SPI, all by the engine's handle. */
import type { SaId } from '../../src-shared/brands.ts'
import type { InboundSa, OutboundSa, Sa } from './sa.ts'

export interface Sad {
  /** RFC 4301 section 4.1: for unicast the SPI alone names an inbound SA; we chose it. */
  inbound(spi: number): InboundSa | undefined
  outbound(id: SaId): OutboundSa | undefined
  add(sa: Sa): void
  /** Wipes its keys. */
  remove(id: SaId): void
  all(): Iterable<Sa>
}

export function createSad(): Sad {
  const bySpi = new Map<number, InboundSa>()
  const byId = new Map<SaId, Sa>()
  return {
    inbound: (spi) => bySpi.get(spi),
    outbound(id) {
      const sa = byId.get(id)
      return sa?.direction === 'outbound' ? sa : undefined
    },
    add(sa) {
      byId.set(sa.id, sa)
      if (sa.direction === 'inbound') bySpi.set(sa.spi, sa)
    },
    remove(id) {
      const sa = byId.get(id)
      if (sa === undefined) return
      byId.delete(id)
      if (sa.direction === 'inbound') bySpi.delete(sa.spi)
      sa.cipher.destroy()
    },
    all: () => byId.values(),
  }
}
