/** ipsec.conf with ipsec.secrets beside it, in the dialects of strongSwan and of Libreswan. */
import { profilesOf } from './description-to-profile.ts'
import type { Importer } from './importer.ts'
import { problemList } from './importer.ts'
import { connDescription } from './ipsec-conf-connection.ts'
import type { ConnReading } from './ipsec-conf-reading.ts'
import { entriesOf, parseIpsecConf } from './ipsec-conf-file.ts'
import type { ConfSection } from './ipsec-conf-file.ts'
import { authorityDirectories, gatherAuthorities } from './ipsec-conf-certificates.ts'
import { secretsBeside } from './ipsec-secrets.ts'
import { keyedValues } from './keyed-values.ts'

export const ipsecConf: Importer = {
  format: 'ipsec.conf',
  recognises: ({ text, json, xml }) =>
    json === undefined && xml === undefined && /^(?:config\s+setup|conn\s+\S+)\s*(?:#.*)?$/m.test(text),
  read(input, { text }) {
    const problems = problemList()
    const sections = parseIpsecConf(text, problems)
    const secrets = secretsBeside(input, problems)
    const authorities = gatherAuthorities(sections, input, problems)
    const taken = new Set(
      sections.flatMap(({ entries }) =>
        entries.filter(({ key }) => key.toLowerCase() === 'also').flatMap(({ value }) => value.split(/\s+/)),
      ),
    )
    const connections = sections.filter((one) => one.kind === 'conn' && one.name !== '%default')
    const whole = connections.filter((one) => !isBase(one, taken))
    const descriptions = (whole.length > 0 ? whole : connections).flatMap((section) => {
      const conn = keyedValues(
        entriesOf(section, sections, problems),
        `conn ${section.name.slice(0, 60)}`,
        problems,
      )
      const reading: ConnReading = { name: section.name, conn, input, secrets, authorities, problems }
      return connDescription(reading) ?? []
    })
    if (connections.length === 0) {
      const advice = `Import the file with the sections conn; certificates may lie in ${authorityDirectories.join(', ')}.`
      problems.add('error', 'the whole file', 'There is no connection in the file', advice)
    }
    tellSetup(sections, problems)
    return profilesOf(descriptions, 'ipsec.conf', input, problems)
  },
}

/** A section that others take in, and that is not loaded itself (auto=ignore is the default), is only a part. */
const isBase = ({ name, entries }: ConfSection, taken: ReadonlySet<string>): boolean =>
  taken.has(name) &&
  !entries.some(({ key, value }) => key.toLowerCase() === 'auto' && value.trim().toLowerCase() !== 'ignore')

function tellSetup(sections: readonly ConfSection[], problems: ReturnType<typeof problemList>): void {
  for (const { kind, entries, line } of sections) {
    if (kind !== 'config' || entries.length === 0) continue
    problems.add(
      'note',
      `config setup (line ${line})`,
      `Settings of the daemon have no meaning here: ${entries
        .map(({ key }) => key)
        .slice(0, 12)
        .join(', ')}`,
      'Nothing to do.',
    )
  }
}
