/**
 * Bundles the programs: `node build.mjs` those of the terminal, `node build.mjs --app` the desktop app as well. With `--if-stale`
 * only what is older than its sources.
 *
 * dist/cli.js, helper.js, demo.js     for Node, ESM
 * dist/data-plane-worker.cjs          a worker thread of either, CommonJS
 * dist/desktop/main.cjs, preload.cjs  for Electron, CommonJS
 * dist/renderer/                      the window's page (vite.config.ts)
 */
import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const root = import.meta.dirname
const entries = { cli: 'src-main/cli.ts', helper: 'src-main/helper.ts', demo: 'src-main/demo.ts' }
const common = ['src-main', 'src-shared', 'tun-tap/src', 'build.mjs', 'package.json']
const ifStale = process.argv.includes('--if-stale')
/** The threads of the fast data plane, a program of their own; CommonJS, so that Electron loads it as Node does. */
const worker = { 'data-plane-worker': 'src-main/host/fast/worker.ts' }
/** The oldest Node that runs them: Electron 25's. */
const target = 'node18.15'

const newest = (path) => {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
const oldest = (outputs) =>
  Math.min(
    ...outputs.map((output) => (existsSync(join(root, output)) ? statSync(join(root, output)).mtimeMs : 0)),
  )
const wanted = (sources, outputs) =>
  !ifStale || Math.max(...sources.map((path) => newest(join(root, path)))) > oldest(outputs)

const bundle = async (input, external, output) => {
  const made = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    external: [/^node:/, 'koffi', ...external],
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
    transform: { target },
  })
  await made.write({ sourcemap: true, ...output })
}

const terminal = async () => {
  const outputs = Object.keys(entries).map((name) => `dist/${name}.js`)
  if (!wanted(common, [...outputs, 'dist/data-plane-worker.cjs'])) return
  await bundle(worker, [], { dir: 'dist', format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false })
  await bundle(entries, [], {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared-[name].js',
  })
  for (const output of outputs) chmodSync(join(root, output), 0o755)
}

const desktop = async () => {
  if (!wanted(common, ['dist/desktop/main.cjs', 'dist/desktop/preload.cjs'])) return
  // The preload runs in a sandbox where it can load nothing beside it: a bundle of its own, in one file.
  const inputs = { main: 'src-main/desktop.ts', preload: 'src-main/desktop/preload.ts' }
  for (const [name, file] of Object.entries(inputs))
    await bundle({ [name]: file }, ['electron'], {
      dir: 'dist/desktop',
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: 'shared-[name].cjs',
    })
}

const renderer = async () => {
  const sources = ['src-renderer', 'src-shared', 'vite.config.ts', 'package.json']
  if (!wanted(sources, ['dist/renderer/index.html'])) return
  const { build } = await import('vite')
  await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' })
}

await terminal()
if (process.argv.includes('--app')) {
  await desktop()
  await renderer()
}
