/** Profiles that refer to certificates which are kept apart from them. */
import { keptCertificateId } from '../../src-shared/certificates.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { KeptChain } from './certificate-store.ts'

/** The ids of kept certificates that a profile refers to. */
export function keptCertificatesOf({ local, remote }: Profile): readonly string[] {
  const authorities = remote.authentication.method === 'certificate' ? remote.authentication.authorities : []
  const key = local.authentication.method === 'certificate' ? local.authentication.key : undefined
  const texts = [...authorities, ...(key?.from === 'store' ? [key.id] : [])]
  return texts.flatMap((text) => keptCertificateId(text) ?? [])
}

/**
 * The profile with the kept certificates that it refers to in it, as the engine and other programs want it. Throws VpnError
 * 'profile-invalid' when one is kept no more.
 */
export async function withKeptCertificates(
  profile: Profile,
  get: (id: string) => Promise<KeptChain>,
): Promise<Profile> {
  if (keptCertificatesOf(profile).length === 0) return profile
  const chainOf = async (where: string, id: string): Promise<KeptChain> => {
    try {
      return await get(id)
    } catch (error) {
      const problem = 'it refers to a certificate that is not kept here'
      throw new VpnError('profile-invalid', { profile: profile.name, where, problem }, error)
    }
  }
  const { local, remote } = profile
  const trusts = remote.authentication
  const own = local.authentication
  const key =
    own.method === 'certificate' && own.key.from === 'store' ? keptCertificateId(own.key.id) : undefined
  const authorities =
    trusts.method === 'certificate'
      ? await Promise.all(
          trusts.authorities.map(async (text) => {
            const id = keptCertificateId(text)
            return id === undefined
              ? text
              : ((await chainOf('remote.authentication.authorities', id)).certificates[0] ?? text)
          }),
        )
      : []
  const kept = key === undefined ? undefined : await chainOf('local.authentication.key', key)
  // A PKCS#12 file brings its certificates itself.
  const chain = kept?.keyKind === 'key' ? kept.certificates : []
  return {
    ...profile,
    local:
      own.method === 'certificate' && chain.length > 0
        ? { ...local, authentication: { ...own, certificates: [...chain] } }
        : local,
    remote:
      trusts.method === 'certificate' ? { ...remote, authentication: { ...trusts, authorities } } : remote,
  }
}
