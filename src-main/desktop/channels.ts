/** What travels between the window and the main process. Only these channels are listened to. */
export const channels = {
  call: 'culvert:call',
  snapshot: 'culvert:snapshot',
  listen: 'culvert:listen',
  unlisten: 'culvert:unlisten',
  /** From the main process: a slice's name and its new value. */
  slice: 'culvert:slice',
} as const

/** The window's own scheme and host: what is not there is not ours. */
export const PAGE_SCHEME = 'app'
export const PAGE_HOST = 'culvert'
export const PAGE_URL = `${PAGE_SCHEME}://${PAGE_HOST}/index.html`

/** Whether an address is one of the window's own page. */
export function isOwnPage(address: string): boolean {
  try {
    const { protocol, host } = new URL(address)
    return protocol === `${PAGE_SCHEME}:` && host === PAGE_HOST
  } catch {
    return false
  }
}
