// Bundles each entry for Node: `node build.mjs` always, `node build.mjs --if-stale` only when a source is newer.
import { existsSync, readdirSync, statSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const root = import.meta.dirname
const entries = { cli: 'src-main/cli.ts', helper: 'src-main/helper.ts', demo: 'src-main/demo.ts' }
const sources = ['src-main', 'src-shared', 'tun-tap/src', 'build.mjs', 'package.json']

const newest = (path) => {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

const present = Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(join(root, file))))
const oldestOutput = () =>
  Math.min(
    ...Object.keys(present).map((name) => {
      const output = join(root, 'dist', `${name}.js`)
      return existsSync(output) ? statSync(output).mtimeMs : 0
    }),
  )

const stale = () => Math.max(...sources.map((path) => newest(join(root, path)))) > oldestOutput()

if (!process.argv.includes('--if-stale') || stale()) {
  const bundle = await rolldown({
    cwd: root,
    input: present,
    platform: 'node',
    external: [/^node:/, 'koffi'],
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
  })
  await bundle.write({
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared-[name].js',
    sourcemap: true,
  })
  for (const name of Object.keys(present)) chmodSync(join(root, 'dist', `${name}.js`), 0o755)
}
