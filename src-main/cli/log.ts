/** `culvert log`: the log of this user's connections, also of those that have ended. */
import { createReadStream, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as v from 'valibot'
import type { LogLine } from '../../src-shared/contract.ts'
import { printable } from '../../src-shared/error-words.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { logLineSchema } from '../app/contract-schemas.ts'
import { LOG_FILE, isToldAt, logLevels } from '../app/log.ts'
import type { LogLevel } from '../ports.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import type { Terminal, Tone } from './terminal.ts'

export interface LogOptions {
  readonly follow?: boolean
  readonly level?: string
  readonly json?: boolean
}

const levelFrom = (text: string): LogLevel => {
  const level = logLevels.find((known) => known === text)
  if (level === undefined)
    throw new VpnError('usage', { problem: `The level must be one of ${logLevels.join(', ')}.` })
  return level
}

export async function showLog(cli: Cli, options: LogOptions): Promise<number> {
  const level = levelFrom(options.level ?? 'debug')
  const file = join(cli.directories.runtime, LOG_FILE)
  const tell = (text: string) => {
    const line = parseLine(text)
    if (line === undefined || !isToldAt(level, line.level)) return
    cli.terminal.out(options.json === true ? JSON.stringify(line) : lineWords(cli.terminal, line))
  }
  await readFrom(`${file}.1`, 0, tell)
  const end = await readFrom(file, 0, tell)
  if (options.follow === true) await follow(cli, file, end, tell)
  else if (end === 0) cli.terminal.err('The log is empty: nothing has connected since you logged in.')
  return exitCodes.done.number
}

function parseLine(text: string): LogLine | undefined {
  try {
    const parsed = v.safeParse(logLineSchema, JSON.parse(text))
    return parsed.success ? parsed.output : undefined
  } catch {
    // A line that was being written when its process was killed.
    return undefined
  }
}

/** Gives each line from an offset on; gives where the file ended. A missing file is an empty one. */
async function readFrom(file: string, start: number, tell: (line: string) => void): Promise<number> {
  const { size } = await stat(file).catch(() => ({ size: 0 }))
  if (size <= start) return size
  const lines = createInterface({
    input: createReadStream(file, { start, end: size - 1 }),
    crlfDelay: Infinity,
  })
  for await (const line of lines) tell(line)
  return size
}

/** Tells new lines until interrupted. The directory is watched, because the file may be turned over, or not be there yet. */
async function follow(cli: Cli, file: string, from: number, tell: (line: string) => void): Promise<void> {
  const { ensureRuntimeDirectory } = await import('../app/directories.ts')
  ensureRuntimeDirectory(cli.directories.runtime)
  let offset = from
  let reading = Promise.resolve()
  const more = async () => {
    const { size } = await stat(file).catch(() => ({ size: 0 }))
    if (size < offset) offset = 0
    offset = await readFrom(file, offset, tell)
  }
  const watcher = watch(cli.directories.runtime, () => {
    reading = reading.then(more)
  })
  await new Promise<void>((resolve) => {
    const stop = cli.onInterrupt(() => {
      stop()
      resolve()
    })
  })
  watcher.close()
  await reading
}

const tones: Readonly<Record<LogLevel, Tone>> = { error: 'bad', warn: 'busy', info: 'strong', debug: 'faint' }

function lineWords(terminal: Terminal, { at, level, area, message, fields }: LogLine): string {
  const time = new Date(at).toISOString().slice(11, 23)
  const extra = Object.entries(fields ?? {}).map(([name, value]) => ` ${name}=${printable(String(value))}`)
  const words = `${printable(message)}${terminal.tint('faint', extra.join(''))}`
  return `${terminal.tint('faint', time)} ${terminal.tint(tones[level], level.padEnd(5))} ${area.padEnd(8)} ${words}`
}
