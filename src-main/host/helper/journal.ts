/**
 * What a helper is about to change, on disk before it changes it, one file a tunnel. The file is also the claim to the
 * tunnel's number in this network namespace. What a helper left that was killed itself is undone by the next one.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { HostError } from '../host-error.ts'
import { ResolvConfState, Step } from './step.ts'

/** Which helper a file on disk is of. */
export const ownerFields = {
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Clock ticks since boot, from /proc/PID/stat: tells a process from a later one with its number. */
  started: v.string(),
  pidNamespace: v.string(),
}

const Entry = v.strictObject({ version: v.literal(1), ...ownerFields, steps: v.array(Step) })
type Entry = v.InferOutput<typeof Entry>

/** What /etc/resolv.conf was, and what we wrote there. */
const Backup = v.strictObject({ written: v.string(), before: ResolvConfState })
export type Backup = v.InferOutput<typeof Backup>

export const namespaceOf = (kind: 'net' | 'pid'): string => {
  const link = fs.readlinkSync(`/proc/self/ns/${kind}`)
  return /\[(\d+)\]/.exec(link)?.[1] ?? '0'
}

/**
 * Field 22 of /proc/PID/stat, counted behind the name, which may hold anything; undefined when there is no such process,
 * or only its remains (field 3 is Z) that nobody has collected.
 */
const startOf = (pid: number): string | undefined => {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** A folder that is ours alone: what lies in it is obeyed as root. */
const usable = (folder: string): boolean => {
  try {
    fs.mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) return false
  }
  const stat = fs.lstatSync(folder)
  if (!stat.isDirectory() || stat.uid !== process.geteuid?.() || (stat.mode & 0o077) !== 0) return false
  try {
    fs.accessSync(folder, fs.constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** /run/culvert; where /run is not ours (a user namespace), the run-time folder of the user, or the temporary one. */
export const journalFolder = (): string => {
  const runtime = process.env['XDG_RUNTIME_DIR']
  const candidates = [
    '/run/culvert',
    ...(runtime === undefined ? [] : [join(runtime, 'culvert-helper')]),
    join(tmpdir(), `culvert-helper-${process.geteuid?.() ?? 0}`),
  ]
  const found = candidates.find(usable)
  if (found === undefined) throw new HostError('journal', candidates, null, 'no folder for the undo journal')
  return found
}

/** Undefined when there is no such file, or it is not of this shape. */
export const parse = <Schema extends v.GenericSchema>(
  schema: Schema,
  path: string,
): v.InferOutput<Schema> | undefined => {
  try {
    const result = v.safeParse(schema, JSON.parse(fs.readFileSync(path, 'utf8')))
    return result.success ? result.output : undefined
  } catch {
    return undefined
  }
}

/** Whole or not at all, readable by root only. */
export const write = (path: string, value: unknown): void => {
  const temporary = `${path}.${process.pid}.new`
  fs.writeFileSync(temporary, JSON.stringify(value), { mode: 0o600 })
  fs.renameSync(temporary, path)
}

export const thisHelper = () => ({
  pid: process.pid,
  started: startOf(process.pid) ?? '',
  pidNamespace: namespaceOf('pid'),
})

const ownEntry = (steps: readonly Step[]): Entry => ({ version: 1, ...thisHelper(), steps: [...steps] })

export interface Journal {
  /** Unlike any other live journal's: names us in /etc/resolv.conf. */
  readonly owner: string
  readonly path: string
  write(steps: readonly Step[]): void
  /** The copy of /etc/resolv.conf; other journals may change what it should become. */
  readBackup(): Backup | undefined
  writeBackup(backup: Backup): void
  removeBackup(): void
  /** The copies of other tunnels, open ones and abandoned ones. */
  otherBackups(): readonly { readonly backup: Backup; write(backup: Backup): void }[]
  remove(): void
}

const openAt = (folder: string, owner: string, path: string): Journal => {
  const backupPath = join(folder, `${owner}.resolv`)
  return {
    owner,
    path,
    write: (steps) => write(path, ownEntry(steps)),
    readBackup: () => parse(Backup, backupPath),
    writeBackup: (backup) => write(backupPath, backup),
    removeBackup: () => fs.rmSync(backupPath, { force: true }),
    otherBackups: () =>
      fs
        .readdirSync(folder)
        .filter((name) => name.endsWith('.resolv') && name !== `${owner}.resolv`)
        .flatMap((name) => {
          const other = join(folder, name)
          const backup = parse(Backup, other)
          return backup === undefined ? [] : [{ backup, write: (changed: Backup) => write(other, changed) }]
        }),
    remove: () => fs.rmSync(path, { force: true }),
  }
}

/** Claims a number: undefined when another helper has it. */
export const claimJournal = (folder: string, tunnel: number, steps: readonly Step[]): Journal | undefined => {
  const owner = `${namespaceOf('net')}-${tunnel}`
  const path = join(folder, `${owner}.json`)
  const temporary = `${path}.${process.pid}.claim`
  fs.writeFileSync(temporary, JSON.stringify(ownEntry(steps)), { mode: 0o600 })
  try {
    // A hard link fails when the name is taken, and the file behind it is complete at once.
    fs.linkSync(temporary, path)
    return openAt(folder, owner, path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined
    throw error
  } finally {
    fs.rmSync(temporary)
  }
}

/** From a process namespace that is not ours nothing can be told: such a helper counts as alive. */
export const isAlive = (entry: Omit<Entry, 'version' | 'steps'>): boolean =>
  entry.pidNamespace !== namespaceOf('pid') || startOf(entry.pid) === entry.started

/**
 * The journals of this network namespace whose helper is gone, each now ours alone to undo; from a process namespace that
 * is not ours nothing can be told, so such a journal counts as alive. A file that is no journal is removed.
 */
export const takeAbandoned = (
  folder: string,
): readonly { readonly journal: Journal; readonly steps: readonly Step[] }[] => {
  const pattern = new RegExp(`^(${namespaceOf('net')}-\\d+)\\.json(?:\\.(\\d+)\\.undoing)?$`)
  return fs.readdirSync(folder).flatMap((name) => {
    const owner = pattern.exec(name)?.[1]
    if (owner === undefined) return []
    const path = join(folder, name)
    const entry = parse(Entry, path)
    // While one helper undoes, the file carries that helper's number; a third takes over only when that one is gone.
    const undoer = pattern.exec(name)?.[2]
    if (undoer !== undefined ? startOf(Number(undoer)) !== undefined : entry !== undefined && isAlive(entry))
      return []
    const taken = join(folder, `${owner}.json.${process.pid}.undoing`)
    try {
      fs.renameSync(path, taken)
    } catch {
      // Another helper was faster.
      return []
    }
    if (entry !== undefined) return [{ journal: openAt(folder, owner, taken), steps: entry.steps }]
    fs.rmSync(taken, { force: true })
    return []
  })
}
