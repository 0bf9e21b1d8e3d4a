/** What the readers of one ipsec.conf connection are given. */
import type { ImportInput, ProblemList } from './importer.ts'
import type { IpsecSecret } from './ipsec-secrets.ts'
import type { KeyedValues } from './keyed-values.ts'

export interface ConnReading {
  readonly name: string
  readonly conn: KeyedValues
  readonly input: ImportInput
  readonly secrets: readonly IpsecSecret[]
  /** Undefined when one that the file names cannot be had: then nobody else may stand in for it. */
  readonly authorities: readonly string[] | undefined
  readonly problems: ProblemList
}

/** The keywords of an end: `left` is ours unless the file is written from the gateway's side. */
export interface Ends {
  readonly ours: 'left' | 'right'
  readonly theirs: 'left' | 'right'
  readonly address: string
}
