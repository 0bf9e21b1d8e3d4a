/** Lines of words, as shells and people write them: blanks between, quotes around what has blanks, `#` before a comment. */
import { LineError } from './text-problem.ts'
import type { TextProblem } from './text-problem.ts'

export interface Word {
  readonly text: string
  readonly line: number
}

export interface WordLine {
  readonly line: number
  readonly words: readonly Word[]
  /** Behind the words, without its `#`. */
  readonly comment?: string
}

/** More than anybody writes; the rest of a longer file is told and not read. */
const MOST_LINES = 200_000

/** A backslash at the end goes on with the next line. Lines without words are left out. */
export function readWordLines(text: string, problems: TextProblem[]): readonly WordLine[] {
  const lines: WordLine[] = []
  let words: Word[] = []
  let first = 1
  const texts = text.split(/\r\n|\n|\r/)
  for (const [index, content] of texts.slice(0, MOST_LINES).entries()) {
    const line = index + 1
    if (words.length === 0) first = line
    const goesOn = content.endsWith('\\')
    try {
      const split = splitWords(goesOn ? content.slice(0, -1) : content, line)
      words.push(...split.words)
      if (goesOn && split.comment === undefined && index + 1 < texts.length) continue
      if (words.length > 0) {
        lines.push({
          line: first,
          words,
          ...(split.comment === undefined ? {} : { comment: split.comment }),
        })
      }
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      problems.push(error.problem)
    }
    words = []
  }
  if (texts.length > MOST_LINES) {
    problems.push({
      level: 'error',
      line: MOST_LINES,
      problem: 'There are more lines than any such file has',
    })
  }
  return lines
}

function splitWords(content: string, line: number): { readonly words: Word[]; readonly comment?: string } {
  const words: Word[] = []
  for (let at = 0; at < content.length;) {
    if (isBlank(content.charAt(at))) {
      at += 1
      continue
    }
    if (content.charAt(at) === '#') {
      const comment = content.slice(at + 1).trim()
      return comment === '' ? { words } : { words, comment }
    }
    const { text, end } = oneWord(content, at, line)
    words.push({ text, line })
    at = end
  }
  return { words }
}

const isBlank = (character: string): boolean => character === ' ' || character === '\t'

/** Quotes may stand anywhere in a word and take all up to their like as it is. */
function oneWord(
  content: string,
  from: number,
  line: number,
): { readonly text: string; readonly end: number } {
  let text = ''
  let at = from
  while (at < content.length && !isBlank(content.charAt(at))) {
    const character = content.charAt(at)
    if (character !== "'" && character !== '"') {
      text += character
      at += 1
      continue
    }
    const close = content.indexOf(character, at + 1)
    if (close < 0) throw new LineError(`A quote ${character} is opened and never closed`, { line })
    text += content.slice(at + 1, close)
    at = close + 1
  }
  return { text, end: at }
}

/** Takes the words of a line one by one. */
export interface WordCursor {
  readonly line: number
  peek(): Word | undefined
  /** Undefined at the end. */
  take(): Word | undefined
  /** The word behind `option`; throws LineError when there is none. */
  value(option: Word): Word
}

export function createWordCursor({ words, line }: WordLine): WordCursor {
  let at = 0
  const take = (): Word | undefined => {
    const word = words[at]
    if (word !== undefined) at += 1
    return word
  }
  return {
    line,
    peek: () => words[at],
    take,
    value(option) {
      const word = take()
      if (word === undefined) throw new LineError('A value must follow', option)
      return word
    },
  }
}

const decimal = /^(?:0|[1-9][0-9]{0,15})$/
const hexadecimal = /^0x[0-9a-f]{1,13}$/i

/** A whole number in decimal or after 0x in hexadecimal; undefined for anything else. A leading 0 would mean octal to some. */
export function wholeNumber(text: string, highest: number, lowest = 0): number | undefined {
  if (!decimal.test(text) && !hexadecimal.test(text)) return undefined
  const value = Number(text)
  return value >= lowest && value <= highest ? value : undefined
}

/** As `wholeNumber`; throws LineError with what the number may be. */
export function numberIn(word: Word, highest: number, lowest = 0): number {
  const value = wholeNumber(word.text, highest, lowest)
  if (value === undefined) throw new LineError(`Must be a whole number from ${lowest} to ${highest}`, word)
  return value
}
