import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { problemList } from '../../src-main/profiles/import/importer.ts'
import type { Section } from '../../src-main/profiles/import/settings.ts'
import { parseSettings } from '../../src-main/profiles/import/settings.ts'

const plain = (section: Section): Record<string, unknown> => ({
  ...Object.fromEntries([...section.settings].map(([key, { value }]) => [key, value])),
  ...Object.fromEntries([...section.sections].map(([key, inner]) => [key, plain(inner)])),
})

const parse = (text: string) => {
  const problems = problemList()
  const root = parseSettings(text, problems)
  return {
    root,
    value: plain(root),
    problems: problems.problems.map(({ where, problem }) => `${where}: ${problem}`),
  }
}

describe("strongSwan's settings syntax", () => {
  it('reads sections, settings, comments and quotes', () => {
    const { value, root, problems } = parse(`
# a comment
connections {
  home { # another
    remote_addrs = vpn.example.org   # the gateway
    proposals=aes256-sha256-modp2048,default
    remote { id = "C=CH, O=strong # Swan, CN=\\"x\\"" }
    local { id = @#deadbeef
    }
    empty =
    words = two   words
  }
}
`)
    expect(problems).toEqual([])
    expect(value).toEqual({
      connections: {
        home: {
          remote_addrs: 'vpn.example.org',
          proposals: 'aes256-sha256-modp2048,default',
          remote: { id: 'C=CH, O=strong # Swan, CN="x"' },
          local: { id: '@#deadbeef' },
          empty: '',
          words: 'two words',
        },
      },
    })
    expect(root.sections.get('connections')?.sections.get('home')?.settings.get('remote_addrs')?.line).toBe(5)
  })

  it('keeps colons, commas and equal signs in values', () => {
    expect(parse('a { remote_ts = 2001:db8::/32, 10.0.0.0/8[tcp/80]\n id = CN=maria, O=x }').value).toEqual({
      a: { remote_ts: '2001:db8::/32, 10.0.0.0/8[tcp/80]', id: 'CN=maria, O=x' },
    })
  })

  it('merges sections of one name; the last of equal keys counts', () => {
    expect(parse('a { x = 1\n y = 1 }\na { x = 2 }').value).toEqual({ a: { x: '2', y: '1' } })
  })

  it('inherits from referenced sections without touching them', () => {
    const { value, problems } = parse(`
base { version = 2
  local { auth = eap
    id = nobody } }
connections { home : base { remote_addrs = a
    local { id = maria } } }
other : base, connections.home { }`)
    expect(problems).toEqual([])
    expect(value['connections']).toEqual({
      home: { version: '2', remote_addrs: 'a', local: { auth: 'eap', id: 'maria' } },
    })
    expect(value['base']).toEqual({ version: '2', local: { auth: 'eap', id: 'nobody' } })
    expect(value['other']).toEqual({ version: '2', remote_addrs: 'a', local: { auth: 'eap', id: 'nobody' } })
  })

  it('tells of references that lead nowhere or round in a circle', () => {
    expect(parse('a : missing { }').problems).toEqual([
      'line 1: The section refers to "missing", which is not there',
    ])
    expect(parse('a : b { }\nb : a { }').problems).toEqual(['line 2: The section refers to itself'])
    expect(parse('a : a.b { b { c { } } }').problems).toEqual([])
  })

  it('never follows an include', () => {
    expect(parse('include /etc/passwd\na { }').problems).toEqual([
      'line 1: "include /etc/passwd" is not followed',
    ])
  })

  it.each([
    ['a { b = "c', 'line 1: A quoted text does not end'],
    ['a {\n b {\n }', 'line 1: A section opened here is not closed'],
    ['a { } }', 'line 1: A closing brace too many'],
    ['a b', 'line 1: "a" has neither a value nor a section'],
    ['= 1', 'line 1: "=" is not expected here'],
    ['a {'.repeat(50), 'line 1: Sections are nested too deep'],
  ])('says where %j is wrong', (text, problem) => {
    expect(parse(text).problems).toEqual([problem])
  })

  it('throws for nothing, and ends', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      ' ',
      '{',
      '}',
      '=',
      ':',
      ',',
      '"',
      '\\',
      '#',
      '\n',
      '@#',
      'include ',
      '.',
      'ü',
      'a{',
      'b:a{',
      '}\n',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        parse(pieces.join(''))
      }),
      { numRuns: 2000 },
    )
  })
})
