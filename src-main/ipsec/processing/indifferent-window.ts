/** In place of an anti-replay window where replays are not looked for (RFC 4303 section 3.4.3: the receiver may choose so). */
import type { ReplayWindow } from '../replay.ts'

export function createIndifferentWindow(): ReplayWindow {
  let highest = 0
  return {
    check: () => 0,
    accept(_high, low) {
      const isNewest = low > highest
      if (isNewest) highest = low
      return isNewest
    },
    highest: () => ({ high: 0, low: highest }),
    size: 0,
    seen: () => '',
  }
}
