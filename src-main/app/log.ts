/**
 * The log: the last lines in memory for those who watch, all of them in a file of the user's own. It takes words, numbers and
 * booleans alone, so that a key or a packet cannot get in; fields whose names promise a secret are hidden as well.
 */
import { appendFileSync, openSync, closeSync, renameSync, statSync } from 'node:fs'
import type { LogLine } from '../../src-shared/contract.ts'
import { printable } from '../../src-shared/error-words.ts'
import type { Log, LogLevel } from '../ports.ts'

export const LOG_FILE = 'culvert.log'
/** Bytes; then the file becomes `culvert.log.1` and a new one begins. */
const FILE_LIMIT = 1_048_576
const LINES_IN_MEMORY = 1000

const SECRET_NAME = /pass(?:word|phrase)?|secret|psk|(?:^|[^a-z])key(?:s|bytes|material)?$|token|otp|pin$/i

export const logLevels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug']

/** Whether a line of this level is told when `least` is asked for. */
export const isToldAt = (least: LogLevel, level: LogLevel): boolean =>
  logLevels.indexOf(level) <= logLevels.indexOf(least)

export interface LogKeeper {
  readonly log: Log
  /** The last lines, oldest first. */
  lines(): readonly LogLine[]
  /** Called for each new line; gives the way to stop. */
  onLine(listener: (line: LogLine) => void): () => void
  close(): void
}

export interface LogOptions {
  /** Where lines are appended, one JSON object each; absent: memory only. */
  readonly file?: string
  /** The lowest level that is kept. */
  readonly level?: LogLevel
  readonly now?: () => number
}

export function createLog({ file, level: least = 'info', now = Date.now }: LogOptions): LogKeeper {
  const kept: LogLine[] = []
  const listeners = new Set<(line: LogLine) => void>()
  const sink = file === undefined ? undefined : openSink(file)

  const log: Log = (level, area, message, fields) => {
    if (!isToldAt(least, level)) return
    const line: LogLine = {
      at: now(),
      level,
      area,
      message: printable(message),
      ...(fields === undefined ? {} : { fields: cleanFields(fields) }),
    }
    kept.push(line)
    if (kept.length > LINES_IN_MEMORY) kept.splice(0, kept.length - LINES_IN_MEMORY)
    sink?.write(`${JSON.stringify(line)}\n`)
    for (const listener of listeners) listener(line)
  }

  return {
    log,
    lines: () => kept,
    onLine(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => sink?.close(),
  }
}

type FieldValue = string | number | boolean

const cleanFields = (fields: Readonly<Record<string, FieldValue>>): Readonly<Record<string, FieldValue>> => {
  const clean = (name: string, value: FieldValue): FieldValue => {
    if (typeof value !== 'string') return value
    return SECRET_NAME.test(name) ? '[hidden]' : printable(value)
  }
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, clean(name, value)]))
}

/** Appends whole lines, so that several processes may share the file; a full disk silences the file and nothing else. */
function openSink(file: string): { write(text: string): void; close(): void } {
  let descriptor: number | undefined = openSync(file, 'a', 0o600)
  let written = statSync(file).size
  const close = () => {
    if (descriptor !== undefined) closeSync(descriptor)
    descriptor = undefined
  }
  return {
    write(text) {
      if (descriptor === undefined) return
      try {
        if (written > FILE_LIMIT) {
          close()
          // Another process may have turned it over already; then this one joins the new file.
          if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > FILE_LIMIT)
            renameSync(file, `${file}.1`)
          descriptor = openSync(file, 'a', 0o600)
          written = statSync(file).size
        }
        appendFileSync(descriptor, text)
        written += Buffer.byteLength(text)
      } catch {
        close()
      }
    },
    close,
  }
}
