/** Culvert's own profile file: one profile as docs/profile.md describes it. */
import { checkProfile } from '../parse.ts'
import { withReferences } from '../references.ts'
import type { Importer } from './importer.ts'
import { problemList } from './importer.ts'
import { isRecord } from './json-fields.ts'
import { usableProposals } from './proposals.ts'
import { noteExpiry } from './certificates.ts'
import type { Profile } from '../../../src-shared/profile.ts'
import type { ProblemList } from './importer.ts'

export const culvertJson: Importer = {
  format: 'Culvert profile (JSON)',
  recognises: ({ json }) => isRecord(json) && 'version' in json && 'gateway' in json,
  read(_input, { json }) {
    const problems = problemList()
    const checked = checkProfile(json)
    if (!checked.ok) {
      for (const { where, problem } of checked.error) {
        problems.add('error', where, problem, 'Mend the field; docs/profile.md says what belongs there.')
      }
      return { profiles: [], secrets: [], problems: problems.problems }
    }
    const profile = withOwnSecretsOnly(checked.value, problems)
    const { authentication } = profile.remote
    if (authentication.method === 'certificate') {
      noteExpiry(authentication.authorities, 'remote.authentication.authorities', Date.now(), problems)
    }
    const { ike, esp } = profile.proposals
    const proposals = {
      ike: usableProposals('ike', ike, 'proposals.ike', problems, true),
      esp: usableProposals('esp', esp, 'proposals.esp', problems, true),
    }
    return { profiles: [{ ...profile, proposals }], secrets: [], problems: problems.problems }
  },
}

/**
 * A file from elsewhere may not reach into this user's secret store, or another profile's password would go to its gateway;
 * and that it reads a file is said aloud, for the same reason.
 */
const withOwnSecretsOnly = (profile: Profile, problems: ProblemList): Profile =>
  withReferences(profile, (reference, where) => {
    switch (reference.from) {
      case 'prompt':
        return reference
      case 'store':
        problems.add(
          'note',
          where,
          'The secret itself is not in the file',
          'It is asked for when you connect.',
        )
        return { from: 'prompt' }
      case 'file':
        problems.add(
          'warning',
          where,
          `The file ${reference.path} is read whenever you connect`,
          'Check that this gateway may have what is in it.',
        )
        return reference
    }
  })
