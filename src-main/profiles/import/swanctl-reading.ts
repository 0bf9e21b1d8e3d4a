/** What the parts that read one connection of a swanctl.conf share. */
import type { ImportInput, ProblemList } from './importer.ts'
import type { SecretEntry } from './swanctl-secrets.ts'
import type { SectionReader } from './swanctl-section.ts'

export interface ConnectionReading {
  readonly name: string
  readonly connection: SectionReader
  readonly input: ImportInput
  readonly secretEntries: readonly SecretEntry[]
  /** PEM of the file's authorities; undefined when one that it names cannot be had. */
  readonly authorities: readonly string[] | undefined
  readonly problems: ProblemList
}
