/** Where the command writes: results to standard output, trouble to standard error; colour only where a person looks. */

export type Tone = 'strong' | 'faint' | 'ok' | 'busy' | 'bad'

export interface Terminal {
  /** Writes a line to standard output. */
  out(line: string): void
  /** Writes a line to standard error. */
  err(line: string): void
  /** Colours a text for standard output; plain where colour is not wanted. */
  tint(tone: Tone, text: string): string
  /** The same for standard error. */
  tintErr(tone: Tone, text: string): string
  /** Shows a line that the next one replaces; nothing where standard output is no terminal. An empty text removes it. */
  passing(line: string): void
}

interface Stream {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** SGR codes (ECMA-48 section 8.3.117), from the sixteen colours, so that the person's own theme decides. */
const codes: Readonly<Record<Tone, string>> = { strong: '1', faint: '2', ok: '32', busy: '33', bad: '31' }

type Environment = Readonly<Record<string, string | undefined>>

/** no-color.org: any value that is not empty turns colour off. */
const wantsColour = (stream: Stream, environment: Environment): boolean =>
  stream.isTTY === true && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb'

export function createTerminal(stdout: Stream, stderr: Stream, environment: Environment): Terminal {
  const colourOut = wantsColour(stdout, environment)
  const colourErr = wantsColour(stderr, environment)
  const movesCursor = stdout.isTTY === true && environment['TERM'] !== 'dumb'
  let passing = false
  const clear = () => {
    if (passing) stdout.write('\r\u001b[K')
    passing = false
  }
  const paint = (colour: boolean, tone: Tone, text: string) =>
    colour ? `\u001b[${codes[tone]}m${text}\u001b[0m` : text
  return {
    out(line) {
      clear()
      stdout.write(`${line}\n`)
    },
    err(line) {
      clear()
      stderr.write(`${line}\n`)
    },
    tint: (tone, text) => paint(colourOut, tone, text),
    tintErr: (tone, text) => paint(colourErr, tone, text),
    passing(line) {
      clear()
      if (!movesCursor || line === '') return
      stdout.write(line)
      passing = true
    },
  }
}
