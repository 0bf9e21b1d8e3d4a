/** The security association database (RFC 4301 section 4.4.2): inbound by protocol, SPI and destination, outbound by what a policy asks for. */
import { equalAddresses } from '../../ip/address.ts'
import type { IpAddress } from '../../ip/address.ts'
import { readU8 } from '../../ip/octets.ts'
import type { IpsecProtocol, SaTemplate } from '../policy/policy.ts'
import { destroyAssociation } from './association.ts'
import type { Association } from './association.ts'

export interface AssociationDatabase {
  /** False when another inbound SA has its SPI, destination and protocol. The newest outbound SA comes first. */
  add(association: Association): boolean
  /** Wipes its keys. */
  remove(association: Association): void
  /** The SA of a packet from the wire; its destination stands in network byte order at `destinationAt`. */
  inbound(
    protocol: IpsecProtocol,
    spi: number,
    buffer: Uint8Array,
    destinationAt: number,
    family: 4 | 6,
  ): Association | undefined
  /** The SA that a policy asks for; in transport mode it leads from and to the addresses of the IP packet at `offset`. */
  outbound(template: SaTemplate, buffer: Uint8Array, offset: number): Association | undefined
  all(): readonly Association[]
  clear(): void
}

const inboundKey = (protocol: IpsecProtocol, spi: number): number =>
  spi + (protocol === 'ah' ? 0x1_0000_0000 : 0)

export function createAssociationDatabase(): AssociationDatabase {
  const all = new Set<Association>()
  const inbound = new Map<number, Association[]>()
  /** Outbound SAs by where they lead; the newest first. */
  const outbound = new Map<string, Association[]>()
  /** Tunnels that a template found, until anything changes. */
  const tunnels = new Map<SaTemplate, Association>()
  /** A packet's way in transport mode that was found last: flows come in runs. */
  let lastTemplate: SaTemplate | undefined
  let lastFound: Association | undefined

  const forget = (): void => {
    tunnels.clear()
    lastTemplate = lastFound = undefined
  }

  const outboundKey = ({ family, value }: IpAddress): string => `${family} ${value}`

  const findTunnel = (template: Extract<SaTemplate, { mode: 'tunnel' }>): Association | undefined => {
    const known = tunnels.get(template)
    if (known !== undefined) return known
    const { source, destination } = template.ends
    const found = outbound
      .get(outboundKey(destination))
      ?.find((sa) => fits(template, sa) && equalAddresses(sa.source, source))
    if (found !== undefined) tunnels.set(template, found)
    return found
  }

  const findTransport = (
    template: SaTemplate,
    buffer: Uint8Array,
    offset: number,
  ): Association | undefined => {
    if (lastTemplate === template && lastFound !== undefined && leads(lastFound, buffer, offset))
      return lastFound
    const found = outbound
      .get(destinationKey(buffer, offset))
      ?.find((sa) => fits(template, sa) && leads(sa, buffer, offset))
    lastTemplate = template
    lastFound = found
    return found
  }

  return {
    add(association) {
      forget()
      if (association.direction === 'outbound') {
        const key = outboundKey(association.destination)
        outbound.set(key, [association, ...(outbound.get(key) ?? [])])
      } else {
        const key = inboundKey(association.protocol, association.spi)
        const same = inbound.get(key) ?? []
        if (same.some(({ destination }) => equalAddresses(destination, association.destination))) return false
        inbound.set(key, [...same, association])
      }
      all.add(association)
      return true
    },
    remove(association) {
      if (!all.delete(association)) return
      forget()
      const without = (list: readonly Association[] | undefined) =>
        (list ?? []).filter((other) => other !== association)
      if (association.direction === 'outbound') {
        const key = outboundKey(association.destination)
        outbound.set(key, without(outbound.get(key)))
      } else {
        const key = inboundKey(association.protocol, association.spi)
        inbound.set(key, without(inbound.get(key)))
      }
      destroyAssociation(association)
    },
    inbound(protocol, spi, buffer, destinationAt, family) {
      const candidates = inbound.get(inboundKey(protocol, spi))
      if (candidates === undefined) return undefined
      for (const candidate of candidates) {
        if (
          candidate.destination.family === family &&
          holds(buffer, destinationAt, candidate.destinationBytes)
        )
          return candidate
      }
      return undefined
    },
    outbound: (template, buffer, offset) =>
      template.mode === 'tunnel' ? findTunnel(template) : findTransport(template, buffer, offset),
    all: () => [...all],
    clear() {
      for (const association of all) destroyAssociation(association)
      all.clear()
      inbound.clear()
      outbound.clear()
      forget()
    },
  }
}

/** Whether it is of the kind that the template asks for; where it leads is another question. */
export const fits = (template: SaTemplate, sa: Association): boolean =>
  sa.protocol === template.protocol &&
  sa.mode === template.mode &&
  isAny(template.requestId, sa.requestId) &&
  isAny(template.spi, sa.spi)

const isAny = (wanted: number | undefined, is: number): boolean =>
  wanted === undefined || wanted === 0 || wanted === is

const holds = (buffer: Uint8Array, at: number, bytes: Uint8Array): boolean => {
  for (let index = 0; index < bytes.length; index += 1)
    if (readU8(buffer, at + index) !== readU8(bytes, index)) return false
  return true
}

/** Whether the SA leads from and to the addresses of the IP packet. */
function leads(sa: Association, buffer: Uint8Array, offset: number): boolean {
  const version = readU8(buffer, offset) >>> 4
  if (sa.destination.family !== version) return false
  const [source, destination] = version === 4 ? [12, 16] : [8, 24]
  return (
    holds(buffer, offset + destination, sa.destinationBytes) && holds(buffer, offset + source, sa.sourceBytes)
  )
}

function destinationKey(buffer: Uint8Array, offset: number): string {
  const family = readU8(buffer, offset) >>> 4 === 4 ? 4 : 6
  const [from, to] = family === 4 ? [16, 20] : [24, 40]
  let value = 0n
  for (let at = from; at < to; at += 1) value = (value << 8n) | BigInt(readU8(buffer, offset + at))
  return `${family} ${value}`
}
