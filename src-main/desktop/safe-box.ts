/** Electron's safeStorage in the few words that we need, each as Electron 25 has it; the asynchronous ones came later. */
import { safeStorage } from 'electron'

/* eslint-disable @typescript-eslint/no-deprecated */

/** Whether something kept comes back. Chromium's fallback, a fixed password, is no safe place. May wait for the keyring, for good. */
export function canKeep(): boolean {
  try {
    if (!safeStorage.isEncryptionAvailable()) return false
    // Missing in Electron 25, where the fallback is never called available.
    const backend: unknown = Reflect.get(safeStorage, 'getSelectedStorageBackend')
    if (typeof backend === 'function' && Reflect.apply(backend, safeStorage, []) === 'basic_text')
      return false
    return opened(sealed('culvert')) === 'culvert'
  } catch {
    // Chromium tells by throwing that there is no key.
    return false
  }
}

/** Encrypted with the keyring's key. Throws when there is none. */
export const sealed = (text: string): Uint8Array => safeStorage.encryptString(text)

/** Throws when it was sealed with another key. */
export const opened = (box: Uint8Array): string => safeStorage.decryptString(Buffer.from(box))
