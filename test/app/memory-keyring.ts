import type { Keyring } from '../../src-main/app/keyring.ts'
import { Secret } from '../../src-shared/secret.ts'

export interface MemoryKeyring extends Keyring {
  /** `PROFILE/ID` → the secret as text. */
  readonly held: Map<string, string>
}

/** A keyring that lives as long as the test. */
export function memoryKeyring(): MemoryKeyring {
  const held = new Map<string, string>()
  return {
    held,
    keep(profileId, id, _label, value) {
      held.set(`${profileId}/${id}`, new TextDecoder().decode(value.reveal()))
      return Promise.resolve(true)
    },
    fetch(profileId, id) {
      const text = held.get(`${profileId}/${id}`)
      return Promise.resolve(text === undefined ? undefined : new Secret(new TextEncoder().encode(text)))
    },
    drop(profileId, id) {
      held.delete(`${profileId}/${id}`)
      return Promise.resolve()
    },
    forget(profileId) {
      for (const name of [...held.keys()]) if (name.startsWith(`${profileId}/`)) held.delete(name)
      return Promise.resolve()
    },
  }
}
