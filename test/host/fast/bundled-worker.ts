/** The data plane's worker, bundled once for a test file: threads take JavaScript only. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const root = join(import.meta.dirname, '..', '..', '..')

export interface BundledWorker {
  readonly path: string
  remove(): void
}

export async function bundleWorker(): Promise<BundledWorker> {
  // Inside the project, so that it finds koffi.
  const folder = mkdtempSync(join(root, 'node_modules', '.culvert-worker-'))
  const path = join(folder, 'data-plane-worker.cjs')
  const bundle = await rolldown({
    cwd: root,
    input: 'src-main/host/fast/worker.ts',
    platform: 'node',
    external: [/^node:/, 'koffi'],
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
  })
  await bundle.write({ file: path, format: 'cjs', codeSplitting: false })
  await bundle.close()
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
