/** What the data planes of both ends would do: which SPIs each receives on, and which one it sends on. */
import type { Effect } from '../../src-main/ike/child-sa.ts'
import type { Story } from './story.ts'

interface Entry {
  readonly outboundSpi: number
  sends: boolean
  waitsToReplace: number | undefined
}

/** One end's SAs after its effects so far; ids are inbound SPIs. */
export function planeAfter(effects: readonly Effect[]) {
  const entries = new Map<number, Entry>()
  const takeOver = (from: number | undefined, to: Entry) => {
    const old = from === undefined ? undefined : entries.get(from)
    if (old !== undefined) old.sends = false
    to.sends = true
  }
  for (const effect of effects) {
    const { inboundSpi, outboundSpi } = effect.child
    switch (effect.kind) {
      case 'install': {
        const entry: Entry = { outboundSpi, sends: false, waitsToReplace: undefined }
        entries.set(inboundSpi, entry)
        takeOver(effect.replaces?.inboundSpi, entry)
        break
      }
      case 'install-inbound-first':
        entries.set(inboundSpi, { outboundSpi, sends: false, waitsToReplace: effect.replaces.inboundSpi })
        break
      case 'switch-outbound': {
        const entry = entries.get(inboundSpi)
        if (entry?.waitsToReplace === undefined) break
        takeOver(entry.waitsToReplace, entry)
        entry.waitsToReplace = undefined
        break
      }
      case 'remove':
        entries.delete(inboundSpi)
        break
    }
  }
  return {
    receivesOn: [...entries.keys()],
    sendsOn: [...entries.values()].filter(({ sends }) => sends).map(({ outboundSpi }) => outboundSpi),
  }
}

/** Whether a packet sent now by either end finds its SA at the other. */
export function passes(story: Story): { readonly out: boolean; readonly in: boolean } {
  const client = planeAfter(story.client.effects)
  const gateway = planeAfter(story.gateway.effects)
  const finds = (sendsOn: readonly number[], receivesOn: readonly number[]) => {
    // Of several, the newest sends.
    const spi = sendsOn.at(-1)
    return spi !== undefined && receivesOn.includes(spi)
  }
  return { out: finds(client.sendsOn, gateway.receivesOn), in: finds(gateway.sendsOn, client.receivesOn) }
}

/** Each end sends a packet: the one that arrives on a fresh SA tells its end that the other uses it (RFC 7296 section 2.8). */
export function exchangePackets(story: Story): void {
  const client = planeAfter(story.client.effects)
  const gateway = planeAfter(story.gateway.effects)
  for (const spi of client.sendsOn.slice(-1)) {
    const child = story.gateway.session.children.find(({ inboundSpi }) => inboundSpi === spi)
    if (child !== undefined) story.gateway.session.firstInbound(child.inboundSpi)
  }
  for (const spi of gateway.sendsOn.slice(-1)) {
    const child = story.client.session.children.find(({ inboundSpi }) => inboundSpi === spi)
    if (child !== undefined) story.client.session.firstInbound(child.inboundSpi)
  }
}

/** One Child SA left on both ends, the same one, carrying traffic both ways; one IKE SA, the same on both ends. */
export function agreement(story: Story) {
  const [client, gateway] = [story.client, story.gateway]
  const planes = { client: planeAfter(client.effects), gateway: planeAfter(gateway.effects) }
  return {
    closed: [client.closed, gateway.closed],
    sameIkeSa:
      client.session.sa !== undefined &&
      client.session.sa.initiatorSpi === gateway.session.sa?.initiatorSpi &&
      client.session.sa.responderSpi === gateway.session.sa.responderSpi,
    children: [client.session.children.length, gateway.session.children.length],
    receiving: [planes.client.receivesOn.length, planes.gateway.receivesOn.length],
    sameChild:
      client.session.children[0]?.inboundSpi === gateway.session.children[0]?.outboundSpi &&
      client.session.children[0]?.outboundSpi === gateway.session.children[0]?.inboundSpi,
    passes: passes(story),
  }
}

export const whole = {
  closed: [undefined, undefined],
  sameIkeSa: true,
  children: [1, 1],
  receiving: [1, 1],
  sameChild: true,
  passes: { out: true, in: true },
}
