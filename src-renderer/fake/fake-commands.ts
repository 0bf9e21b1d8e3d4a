import type { Commands, Slices } from '../../src-shared/contract.ts'
import type { LibraryEntry } from '../../src-shared/library.ts'
import { checkSample } from './check-sample.ts'
import { addedCertificate } from './samples-certificates.ts'
import { sampleExport } from './samples-export.ts'
import { lockedImport, namelessImport, sampleImport } from './samples-import.ts'
import { sampleNetworkReport } from './samples-network.ts'
import { sampleProfile } from './samples-library.ts'
import { readSampleProposal } from './samples-suites.ts'

export type Change = <Name extends keyof Slices>(name: Name, value: Slices[Name]) => void

export interface FakeParts {
  readonly slices: Slices
  readonly change: Change
  readonly dial: (profileId: string) => void
  readonly hangUp: (profileId: string | undefined) => void
}

type Answers = {
  readonly [Name in keyof Commands]: (argument: Commands[Name]['arguments']) => Commands[Name]['result']
}

/** What each command does to the slices. */
export function fakeCommands({ slices, change, dial, hangUp }: FakeParts): Answers {
  let deleted: readonly LibraryEntry[] = []
  const put = (entries: readonly LibraryEntry[]) => {
    change('library', { ...slices.library, entries })
  }
  const settleQuestion = () => {
    const [first] = slices.connections
    if (first !== undefined) dial(first.profileId)
  }
  return {
    connect: ({ profileId }) => {
      dial(profileId)
      return undefined
    },
    disconnect: ({ profileId }) => {
      hangUp(profileId)
      return undefined
    },
    answer: () => {
      settleQuestion()
      return undefined
    },
    decline: () => {
      hangUp(undefined)
      return undefined
    },
    checkProfile: ({ draft }) => checkSample(draft),
    saveProfile: ({ profile }) => {
      const known = slices.library.entries.find((entry) => entry.profile.id === profile.id)
      const others = slices.library.entries.filter((entry) => entry !== known)
      put(
        known === undefined
          ? [...others, { profile, favourite: false, secrets: {} }]
          : slices.library.entries.map((entry) => (entry === known ? { ...entry, profile } : entry)),
      )
      return undefined
    },
    duplicateProfile: ({ profileId }) => {
      const number = 900 + slices.library.entries.length
      const from = slices.library.entries.find(({ profile }) => profile.id === profileId)
      const copy = sampleProfile(
        number,
        `${from?.profile.name ?? ''} (copy)`,
        from?.profile.gateway.address ?? '',
      )
      put([...slices.library.entries, { profile: copy, favourite: false, secrets: {} }])
      return { profileId: copy.id }
    },
    deleteProfiles: ({ profileIds }) => {
      deleted = slices.library.entries.filter(({ profile }) => profileIds.includes(profile.id))
      put(slices.library.entries.filter((entry) => !deleted.includes(entry)))
      return undefined
    },
    restoreProfiles: () => {
      put([...slices.library.entries, ...deleted])
      deleted = []
      return undefined
    },
    arrangeProfiles: ({ entries }) => {
      const arranged = entries.flatMap(({ profileId, folder, favourite }) => {
        const found = slices.library.entries.find(({ profile }) => profile.id === profileId)
        if (found === undefined) return []
        const { folder: _, ...rest } = found
        return [{ ...rest, favourite, ...(folder === undefined ? {} : { folder }) }]
      })
      const folders = [...new Set(arranged.flatMap((one) => ('folder' in one ? [one.folder] : [])))]
      change('library', { ...slices.library, entries: arranged, folders })
      return undefined
    },
    forgetSecrets: () => undefined,
    previewImport: ({ files }) => {
      if (files.some(({ name }) => name === 'no-user.sswan')) return namelessImport
      return files.some(({ name }) => name === 'locked.culvert.json') ? lockedImport : sampleImport
    },
    previewAgain: ({ password }) => (password === 'wrong' ? lockedImport : sampleImport),
    keepImport: ({ profileIds }) => {
      const chosen = sampleImport.profiles.filter(({ profile }) => profileIds.includes(profile.id))
      put([
        ...slices.library.entries,
        ...chosen.map(({ profile }) => ({ profile, favourite: false, secrets: {} })),
      ])
      return { profileIds }
    },
    discardImport: () => {
      change('incomingImport', null)
      return undefined
    },
    exportProfile: ({ format }) => sampleExport(format),
    exportBundle: () => ({ file: { name: 'head-office.culvert', text: '{}' }, missing: [] }),
    addCertificates: () => {
      change('certificates', [...slices.certificates, addedCertificate])
      return { certificateIds: [addedCertificate.id] }
    },
    removeCertificate: ({ certificateId }) => {
      change(
        'certificates',
        slices.certificates.filter(({ id }) => id !== certificateId),
      )
      return undefined
    },
    readProposal: ({ kind, text }) => readSampleProposal(kind, text),
    changeSettings: (changed) => {
      change('settings', { ...slices.settings, ...changed })
      return undefined
    },
    startDemo: () => {
      change('demo', { kind: 'starting', step: 'Making the office network…' })
      return undefined
    },
    stopDemo: () => {
      hangUp(undefined)
      change('demo', { kind: 'stopped' })
      return undefined
    },
    checkNetwork: ({ profileId }) => sampleNetworkReport(slices, profileId),
    makeReport: () => ({ text: 'Culvert 0.1.0\nA report without secrets.\n' }),
    clearExchanges: () => {
      change('exchanges', [])
      return undefined
    },
    dismissNotice: ({ id }) => {
      change(
        'notices',
        slices.notices.filter((notice) => notice.id !== id),
      )
      return undefined
    },
    releaseKillSwitch: () => {
      hangUp(undefined)
      return undefined
    },
  }
}
