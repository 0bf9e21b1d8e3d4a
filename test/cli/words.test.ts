import { describe, expect, it } from 'vitest'
import { exitCodeOf, exitCodeTable, exitCodes } from '../../src-main/cli/exit-codes.ts'
import { createTerminal } from '../../src-main/cli/terminal.ts'
import {
  byteWords,
  durationWords,
  endpointWords,
  espSuiteWords,
  ikeSuiteWords,
  keyValueLines,
  tableLines,
  waitWords,
} from '../../src-main/cli/words.ts'
import { errorCodes, errorWords, isErrorCode, printable } from '../../src-shared/error-words.ts'

const codes = errorCodes.filter(isErrorCode)

describe('the words for failures', () => {
  it.each(codes)(
    '%s: says what happened, whose turn it is and what to do, with and without details',
    (code) => {
      const full = Object.fromEntries(
        [
          'gateway',
          'host',
          'profile',
          'file',
          'problem',
          'where',
          'advice',
          'what',
          'user',
          'method',
          'check',
          'reason',
          'certificate',
          'identity',
          'step',
          'port',
          'offered',
        ].map((name) => [name, 'Some detail']),
      )
      for (const details of [{}, full]) {
        const { what, next, action, turn } = errorWords({ code, details })
        expect(what).toMatch(/^\p{Lu}.*\.$/u)
        expect(what).not.toMatch(/undefined|\s{2}|!|Oops|\.\.$/)
        expect(next).toMatch(/^\p{Lu}|^`/u)
        expect(next).not.toMatch(/undefined|\s{2}|!/)
        expect(action).toMatch(/^\p{Lu}/u)
        expect(['you', 'administrator', 'network', 'culvert']).toContain(turn)
      }
    },
  )

  it('lets nothing from a peer steer the terminal', () => {
    const { what } = errorWords({
      code: 'gateway-unreachable',
      details: { gateway: '\u001b]0;owned\u0007\n\u202evil' },
    })
    expect(what).toBe('No answer from \uFFFD]0;owned\uFFFD\uFFFD\uFFFDvil.')
    expect(printable('x'.repeat(1000))).toHaveLength(300)
  })

  it('knows only its own codes', () => {
    expect(isErrorCode('constructor')).toBe(false)
    expect(isErrorCode('usage')).toBe(true)
  })
})

describe('exit codes', () => {
  it('differ for what a script must tell apart', () => {
    const told = [
      'usage',
      'credentials-refused',
      'certificate-untrusted',
      'gateway-unreachable',
      'no-common-proposal',
      'no-privilege',
      'internal',
      'profile-invalid',
      'secret-missing',
    ] as const
    expect(new Set(told.map(exitCodeOf)).size).toBe(told.length)
    for (const code of codes) expect(exitCodeOf(code)).toBeGreaterThan(0)
  })

  it('keep their numbers', () => {
    expect(Object.fromEntries(Object.entries(exitCodes).map(([name, { number }]) => [name, number]))).toEqual(
      {
        done: 0,
        internal: 1,
        usage: 2,
        profile: 3,
        secret: 4,
        unreachable: 5,
        proposal: 6,
        refused: 7,
        untrusted: 8,
        gateway: 9,
        privilege: 10,
        machine: 11,
        running: 12,
        checks: 13,
        interrupted: 130,
        terminated: 143,
      },
    )
    expect(exitCodeTable().split('\n')).toHaveLength(Object.keys(exitCodes).length)
  })
})

describe('amounts', () => {
  it.each([
    [0, '0 s'],
    [48_400, '48 s'],
    [133 * 60_000, '2 h 13 min'],
    [3_600_000, '1 h'],
    [90_061_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('%d ms is %s', (ms, words) => {
    expect(durationWords(ms)).toBe(words)
  })

  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [3456, '3.5 kB'],
    [2_345_678, '2.3 MB'],
    [45_000_000_000, '45 GB'],
  ])('%d bytes are %s', (bytes, words) => {
    expect(byteWords(bytes)).toBe(words)
  })

  it('names waits, endpoints and suites as people do', () => {
    expect([waitWords(12.4), waitWords(1449)]).toEqual(['12 ms', '1.4 s'])
    expect([endpointWords('10.0.0.1', 500), endpointWords('fd00::1', 4500)]).toEqual([
      '10.0.0.1:500',
      '[fd00::1]:4500',
    ])
    expect(
      ikeSuiteWords({
        encryption: 'aes-cbc',
        keyBits: 256,
        integrity: 'hmac-sha256-128',
        prf: 'hmac-sha256',
        group: 'modp2048',
      }),
    ).toBe('AES-256-CBC · HMAC-SHA-256 · PRF SHA-256 · MODP-2048')
    expect(
      espSuiteWords({
        encryption: 'chacha20-poly1305',
        keyBits: 256,
        group: 'curve25519',
        extendedSequenceNumbers: true,
      }),
    ).toBe('ChaCha20-Poly1305 · Curve25519 · ESN')
  })

  it('aligns', () => {
    expect(
      keyValueLines([
        ['A', '1'],
        ['', '2'],
        ['Long', ''],
      ]),
    ).toEqual(['  A     1', '        2', '  Long'])
    expect(
      tableLines([
        ['a', 'bb', 'c'],
        ['aaa', 'b', ''],
      ]),
    ).toEqual(['a    bb  c', 'aaa  b'])
  })
})

describe('the terminal', () => {
  const written = (isTTY: boolean, environment: Record<string, string>) => {
    let text = ''
    const stream = { isTTY, write: (more: string) => (text += more) }
    const terminal = createTerminal(stream, stream, environment)
    terminal.passing('working')
    terminal.out(terminal.tint('ok', 'done'))
    return text
  }
  it('colours and moves only where a person looks', () => {
    expect(written(true, {})).toBe('working\r\u001b[K\u001b[32mdone\u001b[0m\n')
    expect(written(true, { NO_COLOR: '1' })).toBe('working\r\u001b[Kdone\n')
    expect(written(true, { TERM: 'dumb' })).toBe('done\n')
    expect(written(false, {})).toBe('done\n')
  })
})
