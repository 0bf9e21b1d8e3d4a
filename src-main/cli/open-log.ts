/** Opens the log of this process. */
import { join } from 'node:path'
import { ensureRuntimeDirectory } from '../app/directories.ts'
import type { LogKeeper } from '../app/log.ts'
import { LOG_FILE, createLog, logLevels } from '../app/log.ts'
import type { Cli } from './context.ts'

/** In the runtime directory; at level info, or at what CULVERT_LOG says. */
export function openLog({ directories, environment }: Cli): LogKeeper {
  ensureRuntimeDirectory(directories.runtime)
  const level = logLevels.find((known) => known === environment['CULVERT_LOG']) ?? 'info'
  return createLog({ file: join(directories.runtime, LOG_FILE), level })
}
