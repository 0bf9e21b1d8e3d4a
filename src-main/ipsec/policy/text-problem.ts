/** What is wrong in a file that a person wrote, with its place. */

/** `error`: the line is not used; `warning`: it works otherwise than it says; `note`: ignored without consequence. */
export interface TextProblem {
  readonly level: 'error' | 'warning' | 'note'
  /** From 1. */
  readonly line: number
  /** As it stands there; absent where the line as a whole is meant, or where it could be a key. */
  readonly word?: string
  /** One sentence. */
  readonly problem: string
}

/** Leaves a line that cannot be understood. Caught where lines are read; never leaves a parser. */
export class LineError extends Error {
  readonly line: number
  readonly word: string | undefined
  constructor(problem: string, { line, text }: { readonly line: number; readonly text?: string }) {
    super(problem)
    this.name = 'LineError'
    this.line = line
    this.word = text
  }
  get problem(): TextProblem {
    const { line, word, message } = this
    return { level: 'error', line, ...(word === undefined ? {} : { word }), problem: message }
  }
}

/** `line 3, "beet": …` */
export const problemText = ({ line, word, problem }: TextProblem): string =>
  `line ${line}${word === undefined ? '' : `, "${word}"`}: ${problem}`
