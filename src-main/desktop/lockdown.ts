/** What a page may do is decided here once for every window: nothing beyond showing itself and speaking over the Bridge. */
import type { Session } from 'electron'
import { app } from 'electron'
import type { Log } from '../ports.ts'
import { isOwnPage } from './channels.ts'

/** Writing to the clipboard is what a "copy" button does; nothing else is granted. */
const granted: ReadonlySet<string> = new Set(['clipboard-sanitized-write'])

/** `session`: the windows' one. */
export function lockDown(session: Session, log: Log): void {
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(granted.has(permission)))
  session.setPermissionCheckHandler((_contents, permission) => granted.has(permission))
  session.setDevicePermissionHandler(() => false)
  // No page of ours speaks to a network; whatever asks is stopped before it does.
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    const allowed =
      isOwnPage(url) || url.startsWith('devtools:') || url.startsWith('data:') || url.startsWith('blob:')
    if (!allowed) log('warn', 'window', 'A request to the network was stopped', { scheme: schemeOf(url) })
    answer({ cancel: !allowed })
  })
  session.on('will-download', (event) => event.preventDefault())

  app.on('web-contents-created', (_created, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
  })
}

function schemeOf(url: string): string {
  return url.slice(0, Math.max(0, url.indexOf(':')))
}
