/** Shows news through the desktop's notification service. */
import { Notification } from 'electron'
import type { News } from './news.ts'

export interface Notifier {
  show(news: News): void
  closeAll(): void
}

/** Older ones are let go; their click is no longer heard. */
const MOST_KEPT = 20

/** `onClick`: the person wants to see more. */
export function createNotifier(icon: string, onClick: () => void): Notifier {
  // Held for as long as they may be clicked: an object that is collected never tells of its click.
  const shown = new Map<string, Notification>()
  return {
    show({ profileId, title, body, urgency }) {
      if (!Notification.isSupported()) return
      // One a profile: newer news replace older ones.
      shown.get(profileId)?.close()
      const notification = new Notification({ title, body, urgency, icon })
      shown.set(profileId, notification)
      notification.on('click', onClick)
      notification.on('close', () => {
        if (shown.get(profileId) === notification) shown.delete(profileId)
      })
      notification.show()
      const [oldest] = shown.keys()
      if (shown.size > MOST_KEPT && oldest !== undefined) shown.delete(oldest)
    },
    closeAll() {
      for (const notification of [...shown.values()]) notification.close()
      shown.clear()
    },
  }
}
