/**
 * XML into a small tree of elements. Declarations of entities are refused, so nothing can expand; depth, elements and text are
 * limited; mistakes are told with their line, and read over where the rest still makes sense.
 */
import { SaxesParser } from 'saxes'
import type { Result } from '../../../src-shared/result.ts'
import { fail, ok } from '../../../src-shared/result.ts'

export interface XmlElement {
  /** Without a prefix. */
  readonly name: string
  readonly line: number
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** All text directly inside, CDATA included, as written. */
  readonly text: string
}

export interface XmlDocument {
  readonly root: XmlElement
  /** Mistakes that were read over: `line 12: unmatched closing tag`. At most five. */
  readonly mistakes: readonly string[]
}

export const XML_DEPTH_LIMIT = 100
const ELEMENT_LIMIT = 100_000
const MISTAKE_LIMIT = 5

interface Growing {
  readonly name: string
  readonly line: number
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Growing[]
  text: string
}

/** Thrown by our own handlers to leave the parser; never leaves this file. */
class Stopped extends Error {}

const localName = (name: string): string => name.slice(name.lastIndexOf(':') + 1)

/** Whether a text could be XML at all. */
export const looksLikeXml = (text: string): boolean => /^\s*<(?:\?xml|!--|!DOCTYPE|[A-Za-z_])/.test(text)

/** The document's tree; fails with a sentence that names the line. */
export function parseXml(text: string): Result<XmlDocument, string> {
  const parser = new SaxesParser({ position: true, xmlns: false })
  const stack: Growing[] = []
  const mistakes: string[] = []
  let root: Growing | undefined
  let count = 0
  let mistaken = 0
  const stop = (problem: string): never => {
    throw new Stopped(`line ${parser.line}: ${problem}`)
  }
  parser.on('doctype', (doctype) => {
    // An internal subset could declare entities; no profile needs one.
    if (doctype.includes('[')) stop('it declares entities of its own, which no profile needs')
  })
  parser.on('opentag', ({ name, attributes }) => {
    count += 1
    if (count > ELEMENT_LIMIT) stop('there are more elements than any profile has')
    if (stack.length >= XML_DEPTH_LIMIT) stop('elements are nested deeper than in any profile')
    const element: Growing = {
      name: localName(name),
      line: parser.line,
      attributes: { ...attributes },
      children: [],
      text: '',
    }
    const parent = stack.at(-1)
    if (parent !== undefined) parent.children.push(element)
    else root ??= element
    stack.push(element)
  })
  parser.on('closetag', () => {
    stack.pop()
  })
  const addText = (more: string): void => {
    const parent = stack.at(-1)
    if (parent !== undefined) parent.text += more
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('error', ({ message }) => {
    mistaken += 1
    if (mistakes.length < MISTAKE_LIMIT)
      mistakes.push(`line ${message.replace(/^(\d+):(\d+): /, '$1, column $2: ')}`)
    if (mistaken > 1000) stop('there are too many mistakes in it')
  })
  try {
    parser.write(text).close()
  } catch (error) {
    if (error instanceof Stopped) return fail(error.message)
    throw error
  }
  if (root === undefined) return fail(mistakes[0] ?? 'there is no element in it')
  return ok({ root, mistakes })
}

/** The element's first child of this name, without regard to case. */
export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child) => child.name.toLowerCase() === name.toLowerCase())

export const childrenOf = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.name.toLowerCase() === name.toLowerCase()) ?? []

/** Down a path of names. */
export const descendant = (
  element: XmlElement | undefined,
  ...path: readonly string[]
): XmlElement | undefined =>
  path.reduce<XmlElement | undefined>((inner, name) => childOf(inner, name), element)

/** All elements of a name, however deep. */
export function everywhere(element: XmlElement, name: string): readonly XmlElement[] {
  const here = element.name.toLowerCase() === name.toLowerCase() ? [element] : []
  return [...here, ...element.children.flatMap((child) => everywhere(child, name))]
}
