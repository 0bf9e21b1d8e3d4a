/** Policies from a file, in Culvert's own words or in those of `ip xfrm`. */
import { VpnError } from '../../src-shared/errors.ts'
import { decodeText } from '../profiles/parse.ts'
import { readLimited } from '../profiles/store.ts'
import type { PolicyEntry } from '../ipsec/policy/entry.ts'
import { kernelDefault } from '../ipsec/policy/kernel-policies.ts'
import { readPolicyFile } from '../ipsec/policy/policy-file.ts'
import type { TextProblem } from '../ipsec/policy/text-problem.ts'
import { looksLikeXfrm, readXfrm, wipeKeys } from '../ipsec/policy/xfrm.ts'
import { entriesInOrder } from '../ipsec/policy/xfrm-policy.ts'

export interface LoadedPolicies {
  readonly syntax: 'culvert' | 'ip xfrm'
  /** In the order in which they are asked. */
  readonly entries: readonly PolicyEntry[]
  readonly problems: readonly TextProblem[]
  /** How many SAs an `ip xfrm` file has; their keys were wiped. */
  readonly states: number
}

/** Policies are not bounded as profiles are: a hundred thousand entries are a text of some megabytes. */
const SIZE_LIMIT = 16_777_216

/** The file's text. Throws VpnError when it cannot be read. */
export async function policyText(path: string): Promise<string> {
  const bytes = await readLimited(path, SIZE_LIMIT)
  if (!bytes.ok) throw new VpnError('usage', { problem: `${path} cannot be used: ${bytes.error}.` })
  const text = decodeText(bytes.value)
  // There may be keys in it.
  bytes.value.fill(0)
  if (text === undefined) throw new VpnError('usage', { problem: `${path} is no text.` })
  return text
}

/** Throws VpnError when the file cannot be read at all; what is wrong in it is among the problems. */
export async function loadPolicies(path: string): Promise<LoadedPolicies> {
  const text = await policyText(path)
  if (!looksLikeXfrm(text)) return { syntax: 'culvert', states: 0, ...readPolicyFile(text) }
  const { configuration, problems } = readXfrm(text)
  wipeKeys(configuration)
  return {
    syntax: 'ip xfrm',
    states: configuration.sas.length,
    entries: [...entriesInOrder(configuration.policies), kernelDefault],
    problems,
  }
}
