import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of the project, found from wherever this module runs: as source under Vitest, or bundled in dist/tools. */
export const repositoryRoot: string = (() => {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'src-shared', 'profile.ts'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`no project folder above ${import.meta.dirname}`)
    folder = parent
  }
  return folder
})()

/** The folder of the lab's own programs, which run under plain Node inside a namespace. */
export const programsFolder: string = join(repositoryRoot, 'test', 'interop', 'lab', 'programs')
