/** strongSwan's swanctl.conf: each of its connections becomes a profile, with the secrets that belong to it. */
import type { Profile } from '../../../src-shared/profile.ts'
import type { ImportInput, ImportedSecret, Importer, ProblemList } from './importer.ts'
import { problemList } from './importer.ts'
import { parseSettings } from './settings.ts'
import { readConnection } from './swanctl-connection.ts'
import { readSecretEntries } from './swanctl-secrets.ts'
import { readCertificates } from './swanctl-files.ts'
import type { SectionReader } from './swanctl-section.ts'
import { readerOf } from './swanctl-section.ts'
import { unfollowedInAuthority } from './swanctl-unfollowed.ts'

/** More connections than any person's file has. */
const CONNECTION_LIMIT = 64

export const swanctl: Importer = {
  format: 'strongSwan swanctl.conf',
  recognises: ({ text, json }) =>
    json === undefined && /^[ \t]*(?:connections|conn-defaults|secrets)\b[^=\n]*\{/m.test(text),
  read(input, { text }) {
    const problems = problemList()
    const top = readerOf(parseSettings(text, problems), '', problems)
    const [secretsSection] = top.sections('secrets')
    const secretEntries = readSecretEntries(secretsSection?.[1], (where, kind) => {
      problems.add('warning', where, `Secrets of the kind "${kind}" are not supported`, 'It is ignored.')
    })
    const authorities = readAuthorities(top, input, problems)
    const profiles: Profile[] = []
    const secrets: ImportedSecret[] = []
    const connections = top.sections('connections').flatMap(([, section]) => section.sections(''))
    for (const [name, connection] of connections.slice(0, CONNECTION_LIMIT)) {
      const found = readConnection({ name, connection, input, secretEntries, authorities, problems })
      if (found === undefined) continue
      profiles.push(found.profile)
      secrets.push(...found.secrets)
    }
    if (connections.length === 0) {
      problems.add(
        'error',
        'connections',
        'There is no connection in the file',
        'Import the file with the section connections.',
      )
    }
    if (connections.length > CONNECTION_LIMIT) {
      problems.add(
        'warning',
        'connections',
        `Only the first ${CONNECTION_LIMIT} connections are read`,
        'Split the file.',
      )
    }
    // Other sections at the top may be bases of others; they are no mistake.
    if (top.sections('pools').length > 0) {
      problems.add('note', 'pools', 'Pools are for gateways', 'Nothing to do.')
    }
    return { profiles, secrets, problems: problems.problems }
  },
}

/** Certificates of all named authorities: every connection of the file may end in any of them. Undefined when one cannot be had. */
function readAuthorities(
  top: SectionReader,
  input: ImportInput,
  problems: ProblemList,
): readonly string[] | undefined {
  const found: string[] = []
  let complete = true
  for (const [, authority] of top.sections('authorities').flatMap(([, section]) => section.sections(''))) {
    for (const key of ['cacert', 'file']) {
      const name = authority.text(key)
      if (name === undefined) continue
      const named = readCertificates(input.files, 'authority', [name], authority.where(key), problems)
      if (named === undefined) complete = false
      found.push(...(named ?? []))
    }
    authority.reportUnread(unfollowedInAuthority)
  }
  return complete ? found : undefined
}
