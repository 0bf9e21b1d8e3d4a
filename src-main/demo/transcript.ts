/** What the demonstration writes: steps as they pass, each with its time, aligned and calm. */
import type { Terminal } from '../cli/terminal.ts'
import { waitWords } from '../cli/words.ts'

/** As wide as the longest phase. */
const nameWidth = 22
const detailWidth = 54

export interface Transcript {
  heading(text: string): void
  /** Runs a step and says how long it took; gives what it gave. `detail` may be made of the outcome. */
  step<Value>(
    name: string,
    detail: string | ((value: Value) => string),
    task: () => Promise<Value>,
  ): Promise<Value>
  /** A step that has passed. */
  passed(name: string, detail: string, tookMs?: number): void
  /** Something that is so. */
  fact(name: string, text: string): void
  line(text: string): void
}

export function createTranscript(terminal: Terminal): Transcript {
  const passed = (name: string, detail: string, tookMs?: number): void => {
    const time = tookMs === undefined ? '' : terminal.tint('faint', waitWords(tookMs).padStart(8))
    terminal.out(
      `  ${terminal.tint('ok', '✓')} ${name.padEnd(nameWidth)}  ${detail.padEnd(detailWidth)}${time}`.trimEnd(),
    )
  }
  return {
    heading(text) {
      terminal.out('')
      terminal.out(terminal.tint('strong', text))
    },
    async step(name, detail, task) {
      terminal.passing(`  ${terminal.tint('busy', '…')} ${name}`)
      const began = performance.now()
      try {
        const value = await task()
        passed(name, typeof detail === 'string' ? detail : detail(value), performance.now() - began)
        return value
      } catch (error) {
        terminal.out(`  ${terminal.tint('bad', '✗')} ${name}`)
        throw error
      }
    },
    passed,
    fact: (name, text) => terminal.out(`    ${terminal.tint('faint', name.padEnd(nameWidth))}  ${text}`),
    line: (text) => terminal.out(text),
  }
}
