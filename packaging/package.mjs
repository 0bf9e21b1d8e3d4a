/**
 * `npm run package`: builds the app and packs it with electron-builder (electron-builder.yml). `npm run package -- --linux deb`
 * makes only that; `--quick` packs fast rather than small. Where fpm and 7-Zip cannot be downloaded, stand-ins do.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findElectron } from './electron-runtime.mjs'

const root = join(import.meta.dirname, '..')
const given = process.argv.slice(2).filter((argument) => argument !== '--quick')
const quick = given.length < process.argv.length - 2
const has = (name) => spawnSync('which', [name], { stdio: 'ignore' }).status === 0

execFileSync(process.execPath, [join(root, 'build.mjs'), '--app', '--if-stale'], { stdio: 'inherit' })
const electron = await findElectron((line) => process.stderr.write(`${line}\n`))
if (electron.source === 'registry')
  process.stderr.write(`Packing Electron ${electron.version}, for trying out: it is not the one for users.\n`)

const env = { ...process.env, USE_HARD_LINKS: 'false' }
if (quick) env.ELECTRON_BUILDER_COMPRESSION_LEVEL = '1'
if (electron.source === 'registry') {
  // Nothing but the registry can be reached: neither are electron-builder's own tools.
  if (!has('fpm')) env.CUSTOM_FPM_PATH ??= join(root, 'packaging', 'fpm.mjs')
  else env.USE_SYSTEM_FPM = 'true'
  if (existsSync('/usr/bin/7za')) env.ELECTRON_BUILDER_7ZIP_PATH ??= '/usr/bin/7za'
}
const wanted = given.length > 0 ? given : ['--linux']
const made = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'electron-builder', 'cli.js'),
    ...wanted,
    '--publish',
    'never',
    `-c.electronDist=${electron.dist}`,
    `-c.electronVersion=${electron.version}`,
  ],
  { cwd: root, stdio: 'inherit', env },
)
process.exitCode = made.status ?? 1
