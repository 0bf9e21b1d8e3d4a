/** What the kernel tests need of the machine; needs.json names it and test/run-all.mjs installs it where it may. */
import { accessSync, existsSync } from 'node:fs'
import { findProgram } from '../../interop/lab/machine.ts'
import needs from './needs.json' with { type: 'json' }

const entries: readonly (readonly [string, { readonly package: string; readonly file?: string }])[] =
  Object.entries(needs)

const canOpenTun = (): boolean => {
  try {
    accessSync('/dev/net/tun')
    return true
  } catch {
    return false
  }
}

/** The reason the tests cannot run here, or undefined when they can. */
export const whyNot = (): string | undefined => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'needs Linux on x86-64'
  if (process.getuid?.() !== 0) return 'needs root for network namespaces'
  if (!canOpenTun()) return 'needs /dev/net/tun'
  const absent = entries.filter(([name, need]) =>
    need.file === undefined ? findProgram(name) === undefined : !existsSync(need.file),
  )
  if (absent.length > 0)
    return `needs the packages ${[...new Set(absent.map(([, need]) => need.package))].join(' ')}`
  return existsSync('/usr/bin/apt-get') ? undefined : 'needs apt-get for the kernel'
}
