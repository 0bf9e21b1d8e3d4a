/** JSON values over a stream, one a line, with a limit on the line, so that the other end cannot fill the memory. */
import type { Duplex } from 'node:stream'

const NEWLINE = 0x0a

/**
 * Calls `onValue` for each line's value. A line that is too long or no JSON ends the stream by `onBroken`, once.
 */
export function readJsonLines(
  stream: Duplex,
  limit: number,
  onValue: (value: unknown) => void,
  onBroken: () => void,
): void {
  let parts: Buffer[] = []
  let length = 0
  let broken = false
  const give = (line: string) => {
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      broken = true
      onBroken()
      return
    }
    onValue(value)
  }
  stream.on('data', (chunk: Buffer) => {
    let start = 0
    while (!broken) {
      const end = chunk.indexOf(NEWLINE, start)
      const part = chunk.subarray(start, end === -1 ? undefined : end)
      length += part.length
      if (length > limit) {
        broken = true
        onBroken()
        return
      }
      parts.push(part)
      if (end === -1) return
      const line = Buffer.concat(parts).toString('utf8')
      parts = []
      length = 0
      start = end + 1
      give(line)
    }
  })
}

/** One value as a line. */
export const jsonLine = (value: object): string => `${JSON.stringify(value)}\n`
