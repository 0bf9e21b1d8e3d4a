// Bundles one TypeScript file of the tests and runs it under plain Node: `node test/run-ts.mjs FILE.ts ARGUMENT…`.
import { mkdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const root = dirname(import.meta.dirname)
const [file, ...rest] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: node test/run-ts.mjs FILE.ts ARGUMENT…')
const output = join(root, 'dist', 'tools', `${basename(file, '.ts')}-${process.pid}.mjs`)
mkdirSync(dirname(output), { recursive: true })
const bundle = await rolldown({
  input: file,
  platform: 'node',
  external: [/^node:/, 'koffi', 'playwright-core', 'vite'],
  resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
})
await bundle.write({ file: output, format: 'esm', sourcemap: 'inline', codeSplitting: false })
await bundle.close()
process.argv.splice(1, process.argv.length - 1, output, ...rest)
const { rmSync } = await import('node:fs')
process.once('exit', () => rmSync(output, { force: true }))
await import(pathToFileURL(output).href)
