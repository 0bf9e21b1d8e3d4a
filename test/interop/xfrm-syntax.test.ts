/**
 * Debian's iproute2 and the running kernel take what xfrm-text.ts writes, and hold the policies that were meant. Where the kernel
 * has no AH, ESP or algorithm of its own, it says so for a state that it has understood.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemText } from '../../src-main/ipsec/policy/text-problem.ts'
import { readXfrm } from '../../src-main/ipsec/policy/xfrm.ts'
import { anySa, anyXfrmPolicy, nameOf, textOf } from '../ipsec/policy/random-xfrm.ts'

const namespace = `culvert-xfrm-${process.pid}`
const ip = (...argv: readonly string[]) =>
  execFileSync('ip', ['-n', namespace, ...argv], { encoding: 'utf8' })
/** Gives what it complains of, a line each, but for what this kernel lacks. */
const batch = (text: string): readonly string[] => {
  const input = text.replaceAll(/^ip /gm, '')
  const { stderr } = spawnSync('ip', ['-n', namespace, '-force', '-batch', '-'], { input, encoding: 'utf8' })
  return stderr
    .split('\n')
    .filter((line) => line !== '' && !/Requested .* not found|^Command failed|File exists/.test(line))
}

/** Kernels can be built without. Asks, and changes nothing. */
const hasXfrm = spawnSync('ip', ['xfrm', 'policy', 'count']).status === 0

describe.skipIf(!hasXfrm)('ip xfrm', () => {
  beforeAll(() => void execFileSync('ip', ['netns', 'add', namespace]))
  afterAll(() => void execFileSync('ip', ['netns', 'del', namespace]))

  it('takes the policies that we write, and holds what was meant', () => {
    for (const policy of fc.sample(anyXfrmPolicy, { numRuns: 120, seed: 8 })) {
      ip('xfrm', 'policy', 'flush')
      expect(batch(textOf([], [policy]))).toEqual([])
      const listed = ip('-d', 'xfrm', 'policy', 'list').replaceAll(/\s+/g, ' ')
      // What it lists is nearly what it takes: the direction comes late, and what is not said is shown.
      const line = `ip xfrm policy add ${listed.replace(/ (?:index|flag|share|lastused|uid) .*?(?= tmpl|$)/g, '')}`
      const again = readXfrm(
        line
          .replaceAll(/ (?:share|enc-mask|auth-mask|comp-mask) \S+/g, '')
          .replaceAll(/ spi 0x0+\(0\)| spi 0x0+(?![0-9a-f])| reqid 0(?:\(0x0+\))?/g, '')
          .replaceAll(/\((?:0x)?[0-9a-f]+\)/g, ''),
      )
      expect(again.problems.filter(({ level }) => level === 'error').map(problemText), listed).toEqual([])
      const [held] = again.configuration.policies
      expect(held?.priority).toBe(policy.priority)
      expect(held?.entry.selector).toEqual(policy.entry.selector)
      expect(held?.entry.action).toEqual(policy.entry.action)
      expect(held?.entry.directions).toEqual(policy.entry.directions)
    }
  })

  it('understands the states that we write', () => {
    const sas = fc.sample(fc.uniqueArray(anySa, { minLength: 40, maxLength: 40, selector: nameOf }), {
      numRuns: 3,
      seed: 9,
    })
    for (const some of sas) expect(batch(textOf(some, []))).toEqual([])
  })
})
