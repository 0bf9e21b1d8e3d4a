/** The places in a profile that say where a secret is. */
import type {
  LocalAuthentication,
  Profile,
  RemoteAuthentication,
  SecretReference,
} from '../../src-shared/profile.ts'

/** The profile with each of its secret references changed; `where` is the reference's path. */
export function withReferences(
  profile: Profile,
  change: (reference: SecretReference, where: string) => SecretReference,
): Profile {
  const local = profile.local.authentication
  const remote = profile.remote.authentication
  const ours = (): LocalAuthentication => {
    switch (local.method) {
      case 'psk':
        return { ...local, secret: change(local.secret, 'local.authentication.secret') }
      case 'eap':
        return { ...local, password: change(local.password, 'local.authentication.password') }
      case 'certificate':
        return {
          ...local,
          key: change(local.key, 'local.authentication.key'),
          keyPassword: change(local.keyPassword, 'local.authentication.keyPassword'),
        }
    }
  }
  const theirs = (): RemoteAuthentication =>
    remote.method === 'psk'
      ? { ...remote, secret: change(remote.secret, 'remote.authentication.secret') }
      : remote
  const second = profile.local.then
  const { encryption } = profile.ikev1
  return {
    ...profile,
    ...(encryption === undefined
      ? {}
      : {
          ikev1: {
            ...profile.ikev1,
            encryption: { ...encryption, key: change(encryption.key, 'ikev1.encryption.key') },
          },
        }),
    local: {
      ...profile.local,
      authentication: ours(),
      ...(second === undefined
        ? {}
        : {
            then: {
              ...second,
              authentication: {
                ...second.authentication,
                password: change(second.authentication.password, 'local.then.authentication.password'),
              },
            },
          }),
    },
    remote: { ...profile.remote, authentication: theirs() },
  }
}
