/** Asks for a secret on the terminal: nothing is shown while it is typed, and no string is made of it. */
import type { ReadStream } from 'node:tty'
import { VpnError } from '../../src-shared/errors.ts'
import { Secret } from '../../src-shared/secret.ts'

const LONGEST = 1024
const key = {
  enter: 0x0d,
  newline: 0x0a,
  interrupt: 0x03,
  endOfFile: 0x04,
  backspace: 0x7f,
  control_h: 0x08,
  clear: 0x15,
} as const

export interface PromptOutput {
  write(text: string): unknown
}

/** The bytes typed up to Enter. Rejects with VpnError 'cancelled' at Ctrl-C, Ctrl-D or an abort. */
export function promptSecret(
  input: ReadStream,
  output: PromptOutput,
  text: string,
  signal: AbortSignal,
): Promise<Secret> {
  return new Promise((resolve, reject) => {
    const typed = new Uint8Array(LONGEST)
    let length = 0
    output.write(`${text}: `)
    input.setRawMode(true)
    input.resume()

    const finish = (settle: () => void) => {
      input.off('data', read)
      signal.removeEventListener('abort', abort)
      input.setRawMode(false)
      input.pause()
      output.write('\n')
      settle()
      typed.fill(0)
    }
    const abort = () => finish(() => reject(new VpnError('cancelled')))
    const read = (chunk: Buffer) => {
      for (const byte of chunk) {
        switch (byte) {
          case key.enter:
          case key.newline:
            finish(() => resolve(new Secret(typed.slice(0, length))))
            chunk.fill(0)
            return
          case key.interrupt:
          case key.endOfFile:
            abort()
            return
          case key.backspace:
          case key.control_h:
            length = lastCharacterStart(typed, length)
            break
          case key.clear:
            length = 0
            break
          default:
            if (byte >= 0x20 && length < LONGEST) typed[length++] = byte
        }
      }
      chunk.fill(0)
    }
    input.on('data', read)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
  })
}

/** Where the last UTF-8 character begins: its continuation bytes are 10xxxxxx (RFC 3629 section 3). */
function lastCharacterStart(bytes: Uint8Array, length: number): number {
  let at = Math.max(0, length - 1)
  while (at > 0 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--
  return at
}
