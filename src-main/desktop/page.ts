/** The window's page, served from the app's own files under its own scheme, with a policy that lets nothing else in. */
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { protocol } from 'electron'
import { PAGE_SCHEME } from './channels.ts'
import { fileOf } from './page-files.ts'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  // Vue sets widths and heights of charts as style attributes.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** To be called before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** `folder`: where the page was built to. */
export function servePage(folder: string): void {
  protocol.handle(PAGE_SCHEME, async ({ url }) => {
    const file = fileOf(url, folder)
    const type = file === undefined ? undefined : types[extname(file)]
    if (file === undefined || type === undefined) return new Response(null, { status: 404, headers })
    try {
      const content = new Uint8Array(await readFile(file))
      return new Response(content, { headers: { ...headers, 'Content-Type': type } })
    } catch {
      return new Response(null, { status: 404, headers })
    }
  })
}
