/** What there is to choose from when a proposal is made: named suites of the RFCs, and every transform, with what is to be said of it. */
import type {
  NamedSuite,
  ProposalKind,
  ProposalMeaning,
  SuiteCatalogue,
  TransformChoice,
} from '../../src-shared/proposal-choice.ts'
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import type { ConfiguredProposal } from '../ike/proposal-text.ts'
import { defaultProposals, formatProposal, parseProposal } from '../ike/proposal-text.ts'
import type { CryptoCapabilities } from './crypto-capabilities.ts'
import { describeTransforms } from './transforms.ts'

export interface Suites {
  readonly catalogue: SuiteCatalogue
  /** What a text means; fails with a sentence about what is wrong with it. */
  read(kind: ProposalKind, text: string): Result<ProposalMeaning, string>
}

type Suite = Pick<NamedSuite, 'id' | 'label' | 'source' | 'ike' | 'esp'>

/** IKE of RFC 4869 section 3 (again in RFC 6379): CBC with HMAC, since combined modes came to IKEv2 later (RFC 5282). */
const suiteB = { 128: 'aes128-sha256-ecp256', 256: 'aes256-sha384-ecp384' } as const
/** With perfect forward secrecy where the gateway has it; its group is the one of the IKE SA. */
const withGroup = (text: string, group: string): readonly string[] => [`${text}-${group}`, text]

const named: readonly Suite[] = [
  { id: 'recommended', label: 'Recommended', ike: [], esp: [] },
  {
    id: 'vpn-a',
    label: 'VPN-A',
    source: 'RFC 4308 section 2.1',
    ike: ['3des-sha1-modp1024'],
    esp: withGroup('3des-sha1', 'modp1024'),
  },
  {
    id: 'vpn-b',
    label: 'VPN-B',
    source: 'RFC 4308 section 2.2',
    ike: ['aes128-aesxcbc-modp2048'],
    esp: withGroup('aes128-aesxcbc', 'modp2048'),
  },
  {
    id: 'gcm-128',
    label: 'Suite-B-GCM-128',
    source: 'RFC 4869 section 3.1',
    ike: [suiteB[128]],
    esp: withGroup('aes128gcm16', 'ecp256'),
  },
  {
    id: 'gcm-256',
    label: 'Suite-B-GCM-256',
    source: 'RFC 4869 section 3.2',
    ike: [suiteB[256]],
    esp: withGroup('aes256gcm16', 'ecp384'),
  },
  {
    id: 'gmac-128',
    label: 'Suite-B-GMAC-128',
    source: 'RFC 4869 section 3.3',
    ike: [suiteB[128]],
    esp: withGroup('aes128gmac', 'ecp256'),
  },
  {
    id: 'gmac-256',
    label: 'Suite-B-GMAC-256',
    source: 'RFC 4869 section 3.4',
    ike: [suiteB[256]],
    esp: withGroup('aes256gmac', 'ecp384'),
  },
  {
    id: 'cnsa',
    label: 'CNSA 1.0',
    source: 'RFC 9206',
    ike: ['aes256gcm16-prfsha384-prfsha512-ecp384-modp4096-modp3072'],
    esp: ['aes256gcm16-ecp384-modp4096-modp3072-esn-noesn', 'aes256gcm16-esn-noesn'],
  },
]

export function createSuites(can: CryptoCapabilities): Suites {
  const transforms = describeTransforms(can)
  const meaningOf = (kind: ProposalKind, proposal: ConfiguredProposal): ProposalMeaning => ({
    kind,
    text: formatProposal(proposal),
    transforms: transforms.of(kind, proposal),
  })
  const byWord = new Map(transforms.all.map((choice) => [choice.word, choice]))

  const wordsOf = (text: string): readonly TransformChoice[] =>
    text.split('-').flatMap((word) => {
      const choice = byWord.get(word)
      return choice === undefined ? [] : [choice]
    })

  function read(kind: ProposalKind, given: string): Result<ProposalMeaning, string> {
    // An exclamation mark says that nothing else may be chosen, which is so here anyway.
    const text = given.trim().toLowerCase().replace(/!$/, '')
    if (text === '') return fail('Write a proposal such as aes256gcm16-prfsha384-ecp384')
    if (/[\s,;]/.test(text)) return fail('These are several proposals; give them one at a time')
    const parsed = parseProposal(kind, text)
    return parsed.ok ? ok(meaningOf(kind, parsed.value)) : fail(upperFirst(parsed.error))
  }

  function judge(suite: Suite): NamedSuite {
    const unavailable = new Set<string>()
    const weak = new Set<string>()
    const look = (kind: ProposalKind, text: string): void => {
      const meaning = read(kind, text)
      const choices = meaning.ok ? meaning.value.transforms : wordsOf(text)
      // What is not there at all is reason enough.
      if (!meaning.ok) unavailable.add(meaning.error)
      for (const choice of choices) {
        if (choice.weak !== undefined) weak.add(`${choice.label}: ${choice.weak}`)
        if (meaning.ok && choice.unavailable !== undefined)
          unavailable.add(`${choice.label}: ${lowerFirst(choice.unavailable)}`)
      }
    }
    for (const text of suite.ike) look('ike', text)
    for (const text of suite.esp) look('esp', text)
    return {
      ...suite,
      ...(weak.size === 0 ? {} : { weak: [...weak].join('; ') }),
      ...(unavailable.size === 0 ? {} : { unavailable: [...unavailable].join('; ') }),
    }
  }

  const recommended = (kind: ProposalKind): readonly ProposalMeaning[] =>
    defaultProposals(kind).map((proposal) => meaningOf(kind, proposal))
  return {
    catalogue: {
      named: named.map(judge),
      transforms: transforms.all,
      recommended: { ike: recommended('ike'), esp: recommended('esp') },
    },
    read,
  }
}

const upperFirst = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
const lowerFirst = (text: string): string => `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`
