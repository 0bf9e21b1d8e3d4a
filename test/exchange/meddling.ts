/** What a test does to the wire and behind the sessions' backs. */
import type { IkeHeader } from '../../src-main/ike/header.ts'
import type { From, OnWire, Story } from './story.ts'

/** Keeps back one end's datagrams of a kind until released; repetitions are lost. */
export function hold(story: Story, from: From, matches: (header: IkeHeader) => boolean) {
  const before = story.wire.meddle
  const held: OnWire[] = []
  let open = false
  story.wire.meddle = (datagram) => {
    const fits = datagram.from === from && datagram.header !== undefined && matches(datagram.header)
    if (open || !fits) return before(datagram)
    held.push(datagram)
    return []
  }
  return {
    release() {
      open = true
      const [first] = held
      if (first !== undefined) story.inject(first.from, first.bytes)
    },
  }
}

/** A Delete for the Child SA, out of the blue. */
export function deleteFirstChild(story: Story, side: From): void {
  const [child] = story[side].session.children
  if (child === undefined) throw new Error('no Child SA')
  story[side].session.deleteChildOf(child.inboundSpi)
}
