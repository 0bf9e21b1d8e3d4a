/**
 * Files in the syntax of iproute2: `ip xfrm state add …` and `ip xfrm policy add …`, one a line, so that the same file
 * configures a Linux kernel. What is not understood or not supported is told with its line and word, and nothing of its line is used.
 */
import type { ManualSa } from './manual-sa.ts'
import { LineError } from './text-problem.ts'
import type { TextProblem } from './text-problem.ts'
import { createWordCursor, readWordLines } from './word-reader.ts'
import type { WordCursor, WordLine } from './word-reader.ts'
import { readXfrmPolicy } from './xfrm-policy.ts'
import type { XfrmPolicy } from './xfrm-policy.ts'
import { readXfrmState } from './xfrm-state.ts'

export interface XfrmConfiguration {
  /** In the order of the file. The keys are the taker's to wipe. */
  readonly sas: readonly ManualSa[]
  readonly policies: readonly XfrmPolicy[]
}

export interface XfrmReading {
  readonly configuration: XfrmConfiguration
  /** With an `error` among them the file must not be used: a policy that is missing lets through what it should hold. */
  readonly problems: readonly TextProblem[]
}

/** Whether a text is meant for `ip xfrm`: its first line with words says so. */
export function looksLikeXfrm(text: string): boolean {
  const [first] = readWordLines(text, [])
  return first?.words.slice(0, 3).some((word) => word.text === 'xfrm') ?? false
}

export function readXfrm(text: string): XfrmReading {
  const problems: TextProblem[] = []
  const sas: ManualSa[] = []
  const policies: XfrmPolicy[] = []
  const places = new Map<string, number>()
  for (const line of readWordLines(text, problems)) {
    try {
      readLine(line)
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      problems.push(error.problem)
    }
  }
  return { configuration: { sas, policies }, problems }

  function readLine(line: WordLine): void {
    const cursor = createWordCursor(line)
    const { object, family } = readCommand(cursor)
    switch (object) {
      case 'state': {
        const sa = readXfrmState(cursor, problems)
        const name = `${sa.destination.family} ${sa.destination.value} ${sa.protocol} ${sa.spi}`
        const known = places.get(name)
        if (known !== undefined) {
          wipe(sa)
          // RFC 4301 section 4.1: SPI, destination and protocol name an SA.
          throw new LineError(`Line ${known} has a state of this destination, protocol and SPI already`, line)
        }
        places.set(name, line.line)
        sas.push(sa)
        return
      }
      case 'policy':
        policies.push(readXfrmPolicy(cursor, problems, family))
        return
      case 'nothing':
        problems.push({ level: 'note', line: line.line, word: 'flush', problem: 'There is nothing to flush' })
    }
  }
}

const wipe = (sa: ManualSa): void => {
  sa.encryption?.key.wipe()
  sa.integrity?.key.wipe()
}

/** Wipes all keys. */
export const wipeKeys = ({ sas }: XfrmConfiguration): void => {
  for (const sa of sas) wipe(sa)
}

/** `ip [-4|-6] xfrm state|policy add|update`; `ip` may be left out, as in files for `ip -batch`. */
function readCommand(cursor: WordCursor): {
  readonly object: 'state' | 'policy' | 'nothing'
  readonly family: 4 | 6
} {
  const { line } = cursor
  const expected = new LineError('A line begins with ip xfrm state add or ip xfrm policy add', { line })
  let word = cursor.take()
  if (word?.text === 'ip') word = cursor.take()
  let family: 4 | 6 = 4
  if (word?.text === '-4' || word?.text === '-6') {
    family = word.text === '-4' ? 4 : 6
    word = cursor.take()
  }
  if (word?.text !== 'xfrm') throw expected
  const object = cursor.take()
  if (object?.text !== 'state' && object?.text !== 'policy') throw expected
  const command = cursor.take()
  if (command?.text === 'flush') return { object: 'nothing', family }
  if (command?.text !== 'add' && command?.text !== 'update') {
    throw new LineError(
      'Must be add: a file says what there is, not what is to be changed',
      command ?? object,
    )
  }
  return { object: object.text, family }
}
