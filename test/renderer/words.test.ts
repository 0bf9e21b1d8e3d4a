import { describe, expect, it } from 'vitest'
import { errorCodes, isErrorCode } from '../../src-shared/error-words.ts'
import { dropReasons } from '../../src-main/ipsec/drops.ts'
import { processingDropReasons } from '../../src-main/ipsec/processing/drop-reasons.ts'
import { wordsFor } from '../../src-renderer/failures.ts'
import { setLanguage } from '../../src-renderer/i18n.ts'
import { de } from '../../src-renderer/words/de/all.ts'
import { en } from '../../src-renderer/words/en/all.ts'

/** Path of each text → the text. */
function texts(words: object, prefix = ''): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(words).flatMap(([key, value]: [string, unknown]) => {
      const path = prefix === '' ? key : `${prefix}.${key}`
      if (typeof value === 'string') return [[path, value] as const]
      if (typeof value === 'object' && value !== null) return [...texts(value, path)]
      throw new Error(`${path} is neither a text nor texts`)
    }),
  )
}
const english = texts(en)
const german = texts(de)
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()

describe('the words', () => {
  it('are there in both languages, key by key', () => {
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort())
  })

  it('take the same values in both', () => {
    const differ = [...english].filter(
      ([key, text]) => placeholders(text).join() !== placeholders(german.get(key) ?? '').join(),
    )
    expect(differ).toEqual([])
  })

  it('are nowhere empty', () => {
    expect([...english, ...german].filter(([, text]) => text.trim() === '')).toEqual([])
  })

  it('neither shout nor say oops', () => {
    expect([...english, ...german].filter(([, text]) => /!|\boops\b|\bups\b/i.test(text))).toEqual([])
  })

  it('use no character that vue-i18n would take for its own', () => {
    // `@` links messages, `|` separates plurals where there are spaces around it.
    expect([...english, ...german].filter(([, text]) => /@[.:\w(]/.test(text))).toEqual([])
  })
})

describe('why a packet was dropped', () => {
  it.each([...new Set([...dropReasons, ...processingDropReasons])])(
    '%s has a name and a meaning',
    (reason) => {
      for (const words of [english, german])
        expect(words.get(`status.drops.of.${reason}.1`)?.endsWith('.')).toBe(true)
    },
  )
})

describe('what failures say', () => {
  const said = (language: 'en' | 'de') => {
    setLanguage(language)
    return errorCodes.flatMap((code) => (isErrorCode(code) ? [wordsFor({ code, details: {} })] : []))
  }

  it('is there for every code in both languages, and differs', () => {
    const [one, other] = [said('en'), said('de')]
    expect(one).toHaveLength(errorCodes.length)
    one.forEach((words, index) => {
      expect(words.what).not.toBe(other[index]?.what)
      expect(words.turn).toBe(other[index]?.turn)
    })
  })

  it('sends nobody from the window to a terminal', () => {
    const all = [...said('en'), ...said('de')].map(({ what, next, action }) => `${what} ${next} ${action}`)
    expect(all.filter((text) => /`|sudo|culvert (help|log|status|up|down|doctor)/.test(text))).toEqual([])
  })

  it('ends each sentence once', () => {
    const all = [...said('en'), ...said('de')].flatMap(({ what, next }) => [what, next])
    expect(all.filter((text) => !/[^.]\.$/.test(text))).toEqual([])
  })
})
