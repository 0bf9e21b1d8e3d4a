// Makes pictures of every view and state: node test/run-ts.mjs test/ui/screenshots.ts [FOLDER] [NAMES BEGIN WITH]
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openWorkshop } from './browser.ts'
import { prepare } from './prepare.ts'
import { states } from './states.ts'

const [folder = 'dist/screenshots', beginning = ''] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })

const sizes = [
  ['narrow', 420, 680],
  ['wide', 1180, 760],
] as const
/** Long enough for a minute of traffic where there is any. */
const withTraffic = new Set(['connected', 'demo', 'status', 'another'])

const workshop = await openWorkshop()
for (const state of states.filter(({ name }) => name.startsWith(beginning)))
  for (const theme of ['light', 'dark'] as const)
    for (const [size, width, height] of sizes) {
      const window = await workshop.open({ ...state, theme, width, height })
      await prepare(window.page, state, withTraffic.has(state.name) ? 64_000 : 5000)
      await window.page.screenshot({ path: join(folder, `${state.name}-${size}-${theme}.png`) })
      if (window.complaints.length > 0)
        process.stderr.write(`${state.name}: ${window.complaints.join('\n')}\n`)
      await window.close()
    }
await workshop.close()
