/** What the command `checkProfile` answers: the profile's own schema, and each proposal read. */
import * as v from 'valibot'
import type { FieldProblem } from '../../src-shared/library.ts'
import { Profile } from '../../src-shared/profile.ts'
import { readSampleProposal } from './samples-suites.ts'

export function checkSample(draft: unknown): readonly FieldProblem[] {
  const parsed = v.safeParse(Profile, draft)
  if (!parsed.success)
    return parsed.issues.map((issue) => ({ field: v.getDotPath(issue) ?? '', problem: issue.message }))
  const { proposals } = parsed.output
  return (['ike', 'esp'] as const).flatMap((kind) =>
    proposals[kind].flatMap((text, index) => {
      const read = readSampleProposal(kind, text)
      return read.valid ? [] : [{ field: `proposals.${kind}.${index}`, problem: read.problem }]
    }),
  )
}
