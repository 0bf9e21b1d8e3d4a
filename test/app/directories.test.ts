import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { directoriesFrom, ensureRuntimeDirectory } from '../../src-main/app/directories.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'culvert-dirs-'))
})
afterEach(() => rmSync(root, { recursive: true }))

describe('directories', () => {
  it('follow the XDG variables, and ignore relative ones', () => {
    const given = {
      HOME: '/home/maria',
      XDG_CONFIG_HOME: '/c',
      XDG_DATA_HOME: 'relative',
      XDG_RUNTIME_DIR: '/r',
    }
    expect(directoriesFrom(given)).toEqual({
      profiles: '/c/culvert/profiles',
      keys: '/home/maria/.local/share/culvert/keys',
      runtime: '/r/culvert',
    })
  })

  it('make the runtime directory for its owner alone', () => {
    const path = join(root, 'run', 'culvert')
    ensureRuntimeDirectory(path)
    ensureRuntimeDirectory(path)
    expect(statSync(path).mode & 0o777).toBe(0o700)
  })

  it('refuse one that others may enter, a link that someone laid, and a file', () => {
    const open = join(root, 'open')
    mkdirSync(open)
    chmodSync(open, 0o755)
    expect(() => ensureRuntimeDirectory(open)).toThrow(/host-step-failed.*open to other users/)
    const link = join(root, 'link')
    symlinkSync(open, link)
    expect(() => ensureRuntimeDirectory(link)).toThrow(/belongs to someone else/)
    expect(() =>
      ensureRuntimeDirectory(join(root, 'open', '..', '..', 'dev', 'null'.padEnd(300, 'x'))),
    ).toThrow(/cannot be made/)
  })
})
