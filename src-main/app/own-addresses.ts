/** Whether packets are for this machine itself. */
import { addressToBytes } from '../ip/address.ts'
import type { IpAddress } from '../ip/address.ts'
import type { PacketView } from '../ip/packet.ts'

const MULTICAST_IPV4 = 224
const MULTICAST_IPV6 = 0xff

/** Of these addresses, broadcast and multicast; the rest is for hosts behind it. */
export function ownAddresses(addresses: readonly IpAddress[]): (view: PacketView) => boolean {
  const known = new Set(addresses.map(keyOf))
  return (view) => {
    const first = view.destination0 >>> 24
    if (view.version === 4) return first >= MULTICAST_IPV4 || known.has(`${view.destination0}`)
    return (
      first === MULTICAST_IPV6 ||
      known.has(`${view.destination0} ${view.destination1} ${view.destination2} ${view.destination3}`)
    )
  }
}

function keyOf(address: IpAddress): string {
  const bytes = addressToBytes(address)
  const view = new DataView(bytes.buffer)
  const words: number[] = []
  for (let at = 0; at < bytes.length; at += 4) words.push(view.getUint32(at))
  return words.join(' ')
}
