/** What proposal texts mean or what is wrong with them, asked of the main process once for each text. */
import { shallowRef, watch } from 'vue'
import type { Commands } from '../../../src-shared/contract.ts'
import type { ProposalKind } from '../../../src-shared/proposal-choice.ts'
import { call } from '../../commands.ts'
import type { Proposals } from './compose.ts'

export type Reading = Commands['readProposal']['result']

const keyOf = (kind: ProposalKind, text: string): string => `${kind} ${text}`

export function useMeanings(proposals: () => Proposals) {
  const known = shallowRef<ReadonlyMap<string, Reading>>(new Map())
  const asked = new Set<string>()

  const ask = async (kind: ProposalKind, text: string) => {
    const key = keyOf(kind, text)
    if (asked.has(key)) return
    asked.add(key)
    const read = await call('readProposal', { kind, text })
    if (read.ok) known.value = new Map([...known.value, [key, read.value]])
    else asked.delete(key)
  }
  watch(
    proposals,
    ({ ike, esp }) => {
      for (const text of ike) void ask('ike', text)
      for (const text of esp) void ask('esp', text)
    },
    { immediate: true },
  )

  /** Undefined until it is known. */
  return (kind: ProposalKind, text: string): Reading | undefined => known.value.get(keyOf(kind, text))
}
