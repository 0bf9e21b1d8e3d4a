/** Which of the page's files an address names. */
import { join, normalize, sep } from 'node:path'
import { PAGE_HOST } from './channels.ts'

/** Undefined when it would lie outside the folder, or is of another host. */
export function fileOf(address: string, folder: string): string | undefined {
  const { host, pathname } = new URL(address)
  if (host !== PAGE_HOST) return undefined
  const path = decoded(pathname)
  if (path === undefined || path.includes('\0') || path.includes('\\')) return undefined
  const file = normalize(join(folder, path))
  return file.startsWith(folder + sep) ? file : undefined
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
