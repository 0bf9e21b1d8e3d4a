/** `culvert policy mirror FILE`: what the other end has to be told, in the words of `ip xfrm`. */
import { writeFile } from 'node:fs/promises'
import { VpnError } from '../../src-shared/errors.ts'
import type { Secret } from '../../src-shared/secret.ts'
import { kernelPolicies } from '../ipsec/policy/kernel-policies.ts'
import { readPolicyFile } from '../ipsec/policy/policy-file.ts'
import { entryWords } from '../ipsec/policy/policy-text.ts'
import { problemText } from '../ipsec/policy/text-problem.ts'
import type { TextProblem } from '../ipsec/policy/text-problem.ts'
import { looksLikeXfrm, readXfrm, wipeKeys } from '../ipsec/policy/xfrm.ts'
import type { XfrmConfiguration } from '../ipsec/policy/xfrm.ts'
import { mirroredPolicies, xfrmText } from '../ipsec/policy/xfrm-text.ts'
import { fileProblem } from '../profiles/store.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { policyText } from './policy-file.ts'

/** Keys go into a new file for its owner alone, never to the terminal. */
export async function mirrorPolicies(
  cli: Cli,
  file: string,
  { output }: { readonly output?: string },
): Promise<number> {
  const read = readConfiguration(await policyText(file))
  try {
    const errors = read.problems.filter(({ level }) => level === 'error')
    if (errors.length > 0) {
      for (const problem of errors) cli.terminal.err(`✗ ${problemText(problem)}.`)
      cli.terminal.err(`  ${file} cannot be used as it is.`)
      return exitCodes.profile.number
    }
    const { sas, policies } = read.configuration
    if (sas.length > 0 && output === undefined) {
      throw new VpnError('usage', {
        problem: 'This file has keys: name a new file for its mirror, --output FILE.',
      })
    }
    const mirror = xfrmText({ sas, policies: mirroredPolicies(policies) })
    try {
      await put(cli, mirror, output)
    } finally {
      mirror.wipe()
    }
    return exitCodes.done.number
  } finally {
    wipeKeys(read.configuration)
  }
}

interface Reading {
  readonly configuration: XfrmConfiguration
  readonly problems: readonly TextProblem[]
}

/** Policies in Culvert's words become as many as a kernel needs. */
function readConfiguration(text: string): Reading {
  if (looksLikeXfrm(text)) return readXfrm(text)
  const { entries, problems } = readPolicyFile(text)
  const none = { sas: [], policies: [] }
  if (problems.length > 0) return { configuration: none, problems }
  const made = kernelPolicies(entries)
  if (made.ok) return { configuration: { sas: [], policies: made.value }, problems }
  const { entry, problem } = made.error
  return {
    configuration: none,
    problems: [{ level: 'error', line: entry.origin?.line ?? 0, word: entryWords(entry), problem }],
  }
}

async function put(cli: Cli, mirror: Secret, output: string | undefined): Promise<void> {
  if (output === undefined) {
    cli.terminal.out(new TextDecoder().decode(mirror.reveal()).trimEnd())
    return
  }
  await writeFile(output, mirror.reveal(), { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    const problem = exists ? 'it exists already' : fileProblem(error)
    throw new VpnError('usage', { problem: `${output} cannot be written: ${problem}.` })
  })
}
