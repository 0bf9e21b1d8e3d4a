/**
 * As much of Vitest as the crypto tests use, for runtimes that Vitest does not run on: Electron's Node. The matchers are Vitest's own.
 * Prints one JSON line `{ passed, failed: [title, …] }`.
 */
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect'
import * as chai from 'chai'

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)
export const { expect } = chai

type Task = (...given: readonly never[]) => unknown
const tests: { readonly title: string; readonly task: () => unknown }[] = []
const names: string[] = []

const row = (given: unknown): readonly unknown[] => (Array.isArray(given) ? given : [given])
const titled = (title: string, given: readonly unknown[]): string =>
  given.reduce<string>((text, value) => text.replace(/%[sidjo]|%#/, String(value)), title)

export const describe = Object.assign(
  (title: string, define: () => void) => {
    names.push(title)
    define()
    names.pop()
  },
  {
    each: (table: readonly unknown[]) => (title: string, define: Task) => {
      for (const given of table)
        describe(titled(title, row(given)), () => {
          Reflect.apply(define, undefined, row(given))
        })
    },
  },
)

const define = (title: string, task: () => unknown): void => {
  tests.push({ title: [...names, title].join(' > '), task })
}
export const it = Object.assign(define, {
  each: (table: readonly unknown[]) => (title: string, task: Task) => {
    for (const given of table)
      define(titled(title, row(given)), () => Reflect.apply(task, undefined, row(given)) as unknown)
  },
})
export const test = it

const work = async (): Promise<void> => {
  const failed: string[] = []
  for (const { title, task } of tests) {
    try {
      await task()
    } catch (error) {
      failed.push(`${title}: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`)
    }
  }
  process.stdout.write(`${JSON.stringify({ passed: tests.length - failed.length, failed })}\n`)
}
// When every file has defined its tests.
setImmediate(() => void work())
