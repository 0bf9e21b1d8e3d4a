/**
 * `npm start`: builds what is stale and opens the app. What is given behind `--` goes to the app: files, links, `--hidden`.
 * `--app FOLDER` opens another one, for the drawing of icons.
 */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { findElectron } from './electron-runtime.mjs'

const root = join(import.meta.dirname, '..')
const say = (line) => process.stderr.write(`${line}\n`)
const given = process.argv.slice(2)
const at = given.indexOf('--app')
const [, folder] = at < 0 ? [] : given.splice(at, 2)

if (folder === undefined) {
  const built = spawnSync(process.execPath, [join(root, 'build.mjs'), '--app', '--if-stale'], {
    stdio: 'inherit',
  })
  if (built.status !== 0) process.exit(built.status ?? 1)
}
const { executable } = await findElectron(say)
// Chromium refuses to run as root with its sandbox.
const isRoot = process.getuid?.() === 0
const options = isRoot ? ['--no-sandbox'] : []
if (isRoot && folder === undefined)
  say('Started as root: Chromium runs without its sandbox. Better start it as yourself.')
const env = { ...process.env }
delete env.ELECTRON_RUN_AS_NODE
const child = spawn(executable, [...options, folder === undefined ? root : join(root, folder), ...given], {
  stdio: 'inherit',
  env,
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.once('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)))
