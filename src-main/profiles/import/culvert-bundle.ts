/** Culvert's own bundle: profiles with their secrets under a password (profiles/bundle.ts). */
import type { Profile } from '../../../src-shared/profile.ts'
import { Secret } from '../../../src-shared/secret.ts'
import { isBundle, openBundle } from '../bundle.ts'
import type { BundledSecret } from '../bundle.ts'
import { checkProfile } from '../parse.ts'
import { withReferences } from '../references.ts'
import type { ImportResult, ImportedSecret, Importer } from './importer.ts'
import { problemList } from './importer.ts'

export const culvertBundle: Importer = {
  format: 'Culvert profiles under a password',
  recognises: ({ json }) => isBundle(json),
  read({ name, password }, { json }): ImportResult {
    const problems = problemList()
    const nothing = { profiles: [], secrets: [], problems: problems.problems }
    if (password === undefined) {
      problems.add(
        'error',
        name,
        'The file is protected by a password',
        'Import it again and give the password.',
      )
      return { ...nothing, needsPassword: true }
    }
    const opened = openBundle(json, password)
    if (!opened.ok) {
      const isWrong = opened.error === 'wrong-password'
      problems.add(
        'error',
        name,
        isWrong ? 'The password does not open the file, or the file was changed' : 'The file is damaged',
        isWrong ? 'Try again.' : 'Ask for the file again.',
      )
      return isWrong ? { ...nothing, needsPassword: true } : nothing
    }
    const profiles: Profile[] = []
    for (const [index, value] of opened.value.profiles.entries()) {
      const checked = checkProfile(value)
      if (checked.ok && profiles.every(({ id }) => id !== checked.value.id)) {
        profiles.push(withBundledSecrets(checked.value, opened.value.secrets))
      } else {
        for (const { where, problem } of checked.ok ? [] : checked.error) {
          problems.add('error', `profiles[${index}].${where}`, problem, 'Ask for a corrected file.')
        }
      }
    }
    if (profiles.length === 0)
      problems.add('error', name, 'There is no profile in it', 'Ask for the file again.')
    return { profiles, secrets: secretsOf(profiles, opened.value.secrets), problems: problems.problems }
  },
}

/** References to secrets that are not in the bundle, or belong to another profile, become prompts; so do files of another machine. */
const withBundledSecrets = (profile: Profile, secrets: readonly BundledSecret[]): Profile =>
  withReferences(profile, (reference) =>
    reference.from === 'store' &&
    secrets.some(({ id, profileId }) => id === reference.id && profileId === profile.id)
      ? reference
      : { from: 'prompt' },
  )

function secretsOf(
  profiles: readonly Profile[],
  secrets: readonly BundledSecret[],
): readonly ImportedSecret[] {
  const kept: ImportedSecret[] = []
  for (const { value, ...secret } of secrets) {
    const isWanted =
      profiles.some(({ id }) => id === secret.profileId) && kept.every(({ id }) => id !== secret.id)
    if (isWanted) kept.push({ ...secret, value: new Secret(value) })
    else value.fill(0)
  }
  return kept
}
