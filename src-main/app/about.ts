/** What this program and machine are, for the settings' foot and for reports. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { arch, release } from 'node:os'
import type { About } from '../../src-shared/contract.ts'
import { dataPlaneWorkerBeside } from './fast-data-plane.ts'

export interface AboutParts {
  readonly version: string
  /** `Electron 25.1.1, Node.js 18.15.0`. */
  readonly runtime: string
  readonly helperPath: string
  readonly keyring: About['keyring']
  readonly dataPlane: string
}

export function describeAbout(
  { version, runtime, helperPath, keyring, dataPlane }: AboutParts,
  keyExportPath: string | undefined,
): About {
  return {
    version,
    runtime,
    machine: `${systemName()}, Linux ${release()}, ${arch()}`,
    helper: helperState(helperPath),
    dataPlane,
    keyring,
    ...(keyExportPath === undefined ? {} : { keyExportPath }),
  }
}

/** Before any connection has said what carries it. */
export const expectedDataPlane = (helperPath: string): string =>
  existsSync(dataPlaneWorkerBeside(helperPath))
    ? 'the fast one where a connection fits it'
    : 'portable: the fast one is not installed'

/** os-release(5): `Debian GNU/Linux 12 (bookworm)`. */
function systemName(): string {
  try {
    const text = readFileSync('/etc/os-release', 'utf8')
    return /^PRETTY_NAME="?([^"\n]{1,80})"?$/m.exec(text)?.[1] ?? process.platform
  } catch {
    // Optional by its specification.
    return process.platform
  }
}

const PKEXEC = '/usr/bin/pkexec'

function helperState(helperPath: string): About['helper'] {
  if (!existsSync(helperPath)) return 'missing'
  if (process.geteuid?.() === 0) return 'ready'
  try {
    accessSync(PKEXEC, constants.X_OK)
    return 'asks-permission'
  } catch {
    return 'missing'
  }
}
