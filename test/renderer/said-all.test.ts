/** Whether a German window has words for what the main process says: its sentences are read from its source. */
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setLanguage } from '../../src-renderer/i18n.ts'
import { clauseIn, saidIn } from '../../src-renderer/said.ts'

const sources = import.meta.glob(
  [
    '../../src-main/{ike,pki,engine}/**/*.ts',
    '../../src-main/profiles/import/*.ts',
    '../../src-main/app/import-desk.ts',
  ],
  { query: '?raw', import: 'default', eager: true },
)
const filesOf = (name: RegExp): readonly string[] => Object.keys(sources).filter((file) => name.test(file))

type Wanted = (node: ts.Node, source: ts.SourceFile) => boolean

/** Texts of a file, each with `7` where a value is put in; `within`: only those below a node of which this is so. */
function textsIn(file: string, within: Wanted): readonly string[] {
  const source = ts.createSourceFile(file, sources[file] ?? '', ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node, isInside: boolean): void => {
    const inside = isInside || within(node, source)
    const text = ts.isStringLiteralLike(node)
      ? node.text
      : ts.isTemplateExpression(node)
        ? node.head.text + node.templateSpans.map(({ literal }) => `7${literal.text}`).join('')
        : undefined
    if (inside && text !== undefined && !ts.isImportDeclaration(node.parent)) found.push(text)
    ts.forEachChild(node, (child) => {
      visit(child, inside)
    })
  }
  visit(source, false)
  return found
}

const everywhere: Wanted = () => true
const inFailures: Wanted = (node, source) =>
  (ts.isNewExpression(node) && node.expression.getText(source) === 'VpnError') ||
  (ts.isCallExpression(node) && /(^|\.)fail$/.test(node.expression.getText(source)))

const isSentence = (text: string): boolean => /^(\p{Lu}|7 )/u.test(text) && /\p{L} \p{Ll}+ \p{L}/u.test(text)
const isClause = (text: string): boolean => /\p{Ll}{2,} \p{Ll}{2,}/u.test(text)
const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

describe('in a German window', { timeout: 60_000 }, () => {
  beforeAll(() => {
    setLanguage('de')
  })
  afterAll(() => {
    setLanguage('en')
  })

  // Importers come and grow: what nobody has translated yet is shown in English and marked as such.
  it('all but a few remarks on imports are German', () => {
    const all = unique(filesOf(/import/).flatMap((file) => textsIn(file, everywhere).filter(isSentence)))
    const missing = all.filter((text) => saidIn(text).lang !== undefined)
    expect(all.length).toBeGreaterThan(300)
    expect(missing.length / all.length, missing.join('\n')).toBeLessThan(0.05)
  })

  it('all but a few reasons of failures are German', () => {
    const all = unique(
      filesOf(/src-main\/(ike|pki|engine)\/(?!.*(responder|describe))/).flatMap((file) =>
        textsIn(file, inFailures).filter(isClause),
      ),
    )
    const missing = all.filter((text) => clauseIn(text).lang !== undefined)
    expect(all.length).toBeGreaterThan(50)
    expect(missing.length / all.length, missing.join('\n')).toBeLessThan(0.1)
  })

  it('what each IKE message is for is German', () => {
    const all = unique(
      filesOf(/\/describe\.ts$/)
        .flatMap((file) => textsIn(file, everywhere))
        .filter(
          (text) => /^[A-Z7]?\p{Ll}+.* \p{Ll}/u.test(text) && !/RFC|fragments|Encrypted and|7$/.test(text),
        ),
    )
    expect(all.length).toBeGreaterThan(10)
    expect(all.filter((text) => saidIn(text).lang !== undefined)).toEqual([])
  })
})
