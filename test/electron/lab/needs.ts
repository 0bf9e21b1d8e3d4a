/** What the tests of the real app need of this machine, and why they are skipped where it is missing. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../../interop/lab/repository.ts'

export interface Runtime {
  readonly executable: string
  readonly version: string
  readonly source: string
}

let found: Runtime | undefined

/** The Electron of packaging/electron-runtime.mjs; fetched when it is not there yet. */
export const electronRuntime = (): Runtime => {
  found ??= JSON.parse(
    execFileSync(process.execPath, [join(repositoryRoot, 'packaging/electron-runtime.mjs')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 300_000,
    }),
  ) as Runtime
  return found
}

const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
export const has = (program: string): boolean => folders.some((folder) => existsSync(join(folder, program)))

/** Undefined when everything is there. */
export const whyNoApp = (...programs: readonly string[]): string | undefined => {
  if (process.platform !== 'linux') return 'needs Linux'
  const missing = ['Xvfb', ...programs].filter((program) => !has(program))
  if (missing.length > 0) return `needs ${missing.join(', ')}`
  return existsSync(join(repositoryRoot, 'dist/desktop/main.cjs')) ? undefined : 'needs `npm run build`'
}
