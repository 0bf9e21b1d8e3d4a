/** The file of `culvert manual`: SAs and policies in iproute2's own words, read and checked. */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { VpnError } from '../../src-shared/errors.ts'
import type { ManualSa } from '../ipsec/policy/manual-sa.ts'
import { problemText } from '../ipsec/policy/text-problem.ts'
import { readXfrm, wipeKeys } from '../ipsec/policy/xfrm.ts'
import type { XfrmConfiguration } from '../ipsec/policy/xfrm.ts'
import { decodeText, PROFILE_SIZE_LIMIT } from '../profiles/parse.ts'
import { readLimited } from '../profiles/store.ts'

export interface ManualFile {
  readonly name: string
  /** The keys are the taker's to wipe: `wipeKeys`. */
  readonly configuration: XfrmConfiguration
  /** For the person, one sentence each; nothing secret. */
  readonly warnings: readonly string[]
}

/**
 * Under one key, a nonce that comes twice gives the traffic away, and a key by hand comes again with each start: these need
 * automatic keys (RFC 3686 section 7.1, RFC 4106 section 2, RFC 4309 section 2, RFC 4543 section 2, RFC 7634 section 2).
 */
const needsAutomaticKeys = ({ encryption, integrity }: ManualSa): string | undefined =>
  [encryption?.name, integrity?.name].find(
    (name) => name !== undefined && /gcm|ccm|ctr|gmac|chacha/.test(name),
  )

/** Throws VpnError 'profile-not-found' or 'profile-invalid'; nothing of the file is in use then. */
export async function readManualFile(path: string, allowCounterModes: boolean): Promise<ManualFile> {
  const bytes = await readLimited(path, PROFILE_SIZE_LIMIT)
  if (!bytes.ok) throw new VpnError('profile-not-found', { file: path, problem: bytes.error })
  const text = decodeText(bytes.value)
  bytes.value.fill(0)
  const refused = (problem: string) =>
    new VpnError('profile-invalid', {
      file: path,
      problem,
      advice: 'Mend that line: `man ip-xfrm` and docs/manual-keys.md say what may stand there.',
    })
  if (text === undefined) throw refused('it is not UTF-8 text')
  const { configuration, problems } = readXfrm(text)
  const wrong = problems.find(({ level }) => level === 'error')
  if (wrong !== undefined) {
    wipeKeys(configuration)
    throw refused(problemText(wrong))
  }
  if (configuration.sas.length === 0 || configuration.policies.length === 0) {
    wipeKeys(configuration)
    throw refused('it needs at least one state and one policy')
  }
  const risky = allowCounterModes ? undefined : configuration.sas.find(needsAutomaticKeys)
  if (risky !== undefined) {
    wipeKeys(configuration)
    throw new VpnError('profile-invalid', {
      file: path,
      problem: `line ${risky.line ?? 0}: ${needsAutomaticKeys(risky) ?? ''} is not for keys by hand: a nonce that comes again after a restart gives the traffic away`,
      advice:
        'Use aes-cbc with an auth-trunc, or give --allow-counter-modes for a test that protects nothing.',
    })
  }
  return {
    name: basename(path),
    configuration,
    warnings: [
      ...(await openToOthers(path)),
      ...problems.filter(({ level }) => level === 'warning').map(problemText),
      ...configuration.sas.flatMap((sa) => weakness(sa)),
    ],
  }
}

async function openToOthers(path: string): Promise<readonly string[]> {
  const { mode } = await stat(path)
  return (mode & 0o077) === 0
    ? []
    : [`Other users can read ${path}, and the keys in it; make it private with chmod 600`]
}

/** RFC 4303 section 3.1.1 allows encryption without integrity; nobody should use it (RFC 8221 section 4). */
const weakness = ({ line, protocol, encryption, integrity, replayWindow }: ManualSa): readonly string[] => {
  const at = `line ${line ?? 0}`
  const combined = encryption !== undefined && /gcm|ccm|chacha|gmac/.test(encryption.name)
  if (protocol === 'esp' && integrity === undefined && !combined)
    return [`${at}: this state encrypts without authenticating: whoever is on the way can change packets`]
  return replayWindow === 0 ? [`${at}: no replay-window: packets can be played again`] : []
}
