/** What the interoperability tests need of the machine; needs.json names it and test/run-all.mjs installs it where it may. */
import { accessSync, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import needs from './needs.json' with { type: 'json' }

const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
const entries: readonly (readonly [string, { readonly package: string; readonly file?: string }])[] =
  Object.entries(needs)

/** Where a program lies, also one that an ordinary user's PATH does not have. */
export const findProgram = (name: string): string | undefined =>
  folders.map((folder) => join(folder, name)).find((path) => existsSync(path))

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
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root for network namespaces'
  if (!canOpenTun()) return 'needs /dev/net/tun'
  const absent = entries.filter(([name, need]) =>
    need.file === undefined ? findProgram(name) === undefined : !existsSync(need.file),
  )
  return absent.length === 0
    ? undefined
    : `needs the packages ${[...new Set(absent.map(([, need]) => need.package))].join(' ')}`
}
