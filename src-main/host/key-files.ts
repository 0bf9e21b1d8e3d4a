/** Wireshark's key tables on disk: for the person alone, only ever longer. */
import { closeSync, constants, fchmodSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenKeyFiles } from '../ports.ts'

/** Makes the directory, for nobody else to read, where there is none. `append` opens no link that somebody may have put there. Both throw what node:fs does. */
export const openKeyFiles: OpenKeyFiles = (directory) => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return {
    append(name, line) {
      const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
      const file = openSync(join(directory, name), flags, 0o600)
      try {
        fchmodSync(file, 0o600)
        writeSync(file, `${line}\n`)
      } finally {
        closeSync(file)
      }
    },
  }
}
