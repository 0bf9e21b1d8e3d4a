// Makes pictures of every view and state in both themes, narrow and wide:
//   node test/run-ts.mjs test/ui/screenshots.ts [FOLDER] [NAMES BEGIN WITH]
// With `chosen` instead of a beginning only those that are kept in assets/screenshots.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openWorkshop } from './browser.ts'
import { prepare } from './prepare.ts'
import { states, type State } from './states.ts'

const [folder = 'dist/screenshots', beginning = ''] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })

const sizes = [
  ['narrow', 420, 680],
  ['wide', 1180, 760],
] as const
const themes = ['light', 'dark'] as const
/** Long enough for a minute of traffic where there is any. */
const withTraffic = new Set(['connected', 'demo', 'status', 'another', 'armed'])

/** What README and documents show. */
const chosen = new Set([
  'first-run-narrow-light',
  'disconnected-narrow-light',
  'authenticating-narrow-dark',
  'connected-narrow-light',
  'connected-narrow-dark',
  'connected-wide-light',
  'failed-credentials-narrow-light',
  'holding-narrow-dark',
  'question-narrow-dark',
  'palette-narrow-light',
  'profiles-wide-light',
  'profiles-narrow-dark',
  'editor-narrow-light',
  'proposals-wide-dark',
  'import-narrow-dark',
  'status-wide-dark',
  'status-narrow-light',
  'exchange-wide-light',
  'exchange-message-wide-dark',
  'log-wide-dark',
  'settings-narrow-light',
])
const wanted = (file: string): boolean =>
  beginning === 'chosen' ? chosen.has(file) : file.startsWith(beginning)

async function shoot(state: State, theme: 'light' | 'dark', [size, width, height]: (typeof sizes)[number]) {
  const file = `${state.name}-${size}-${theme}`
  if (!wanted(file)) return
  const window = await workshop.open({ ...state, theme, width, height })
  await prepare(window.page, state, withTraffic.has(state.name) ? 64_000 : 5000)
  await window.page.screenshot({ path: join(folder, `${file}.png`) })
  if (window.complaints.length > 0) process.stderr.write(`${file}: ${window.complaints.join('\n')}\n`)
  await window.close()
}

const workshop = await openWorkshop()
for (const state of states)
  for (const theme of themes) for (const size of sizes) await shoot(state, theme, size)
await workshop.close()
