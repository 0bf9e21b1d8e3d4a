/** The built window in a real Chromium, with the fake bridge behind it. */
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { build } from 'vite'

const root = join(import.meta.dirname, '../..')
const built = join(root, 'dist/renderer-fake')

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
}
/** As the app serves it (src-main/desktop). */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'"

function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const file = join(built, normalize(pathname === '/' ? '/index.html' : pathname))
    if (!file.startsWith(built) || !existsSync(file)) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': policy,
    })
    response.end(readFileSync(file))
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(server)
    })
  })
}

/** The system's browser; CULVERT_CHROMIUM names another. */
const executable = [process.env['CULVERT_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
)

/** Why the window cannot be tested here; absent: it can. */
export const noBrowser =
  executable === undefined ? 'there is no Chromium: apt-get install chromium' : undefined

/** The title of what needs the browser: where it is skipped, it says why. */
export const inBrowser = (title: string): string =>
  noBrowser === undefined ? title : `${title} (skipped: ${noBrowser})`

export interface View {
  /** Of the fake bridge, see src-renderer/fake/scenarios.ts. */
  readonly scenario: string
  /** `/`, `/settings`, … */
  readonly path?: string
  readonly theme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
  readonly language?: 'en' | 'de'
}

export interface Window {
  readonly page: Page
  /** What the page complained about: exceptions, errors on its console, refusals of its policy. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

export interface Workshop {
  open(view: View): Promise<Window>
  close(): Promise<void>
}

/** Builds the window, serves it and starts the browser; `reuse` takes what was built before. */
export async function openWorkshop({
  reuse = process.env['CULVERT_UI_BUILT'] === '1',
} = {}): Promise<Workshop> {
  if (!reuse || !existsSync(built))
    await build({ configFile: join(root, 'vite.config.ts'), mode: 'fake', logLevel: 'error' })
  const server = await serve()
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const browser: Browser = await chromium.launch({
    ...(executable === undefined ? {} : { executablePath: executable }),
    args: ['--no-sandbox'],
  })

  return {
    async open({ scenario, path = '/', theme = 'light', width = 420, height = 680, language = 'en' }) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        locale: language === 'de' ? 'de-DE' : 'en-GB',
        timezoneId: 'Europe/Berlin',
        reducedMotion: 'reduce',
      })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
      })
      await page.clock.install({ time: new Date('2026-11-23T11:54:00Z') })
      await page.goto(`http://127.0.0.1:${port}/?fake=${scenario}#${path}`)
      await page.evaluate('document.fonts.ready')
      await page.waitForSelector('main > *')
      return {
        page,
        complaints,
        close: () => context.close(),
      }
    },
    async close() {
      await browser.close()
      server.close()
    },
  }
}
