/** TypeScript bundled for a test file, such as the data plane's worker: threads and programs take JavaScript only. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const root = join(import.meta.dirname, '..', '..', '..')

export interface Bundled {
  readonly path: string
  remove(): void
}

export const bundleWorker = (): Promise<Bundled> => bundle('src-main/host/fast/worker.ts')

export async function bundle(input: string): Promise<Bundled> {
  // Inside the project, so that it finds koffi.
  const folder = mkdtempSync(join(root, 'node_modules', '.culvert-worker-'))
  const path = join(folder, 'bundle.cjs')
  const made = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    external: [/^node:/, 'koffi'],
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
  })
  await made.write({ file: path, format: 'cjs', codeSplitting: false })
  await made.close()
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
