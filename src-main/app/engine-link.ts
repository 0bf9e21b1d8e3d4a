/** Joins the engine to what the front ends share: a profile's secrets become the credentials that the engine dials with. */
import type { Engine } from '../engine/engine.ts'
import type { EngineLike } from './app.ts'
import type { CheckRevocation } from '../pki/revocation.ts'
import type { KeptChain } from './certificate-store.ts'
import { withKeptCertificates } from './kept-certificates.ts'
import { loadCredentials } from './credentials.ts'
import { loadEncryptionCredentials } from './encryption-credentials.ts'

/** `close` gives back what the engine's ports hold of the machine. */
export const linkEngine = (
  engine: Engine,
  close: () => Promise<void>,
  checkRevocation?: CheckRevocation,
  keptChain?: (id: string) => Promise<KeptChain>,
): EngineLike => ({
  connect: (profile, secrets) =>
    engine.connect(profile, async () => {
      const whole = keptChain === undefined ? profile : await withKeptCertificates(profile, keptChain)
      return (
        (await loadEncryptionCredentials(whole, secrets)) ?? loadCredentials(whole, secrets, checkRevocation)
      )
    }),
  exchanges: engine.exchanges,
  setKeyExport: (directory) => engine.setKeyExport(directory),
  setKillSwitch: (on) => engine.setKillSwitch(on),
  releaseKillSwitch: () => engine.releaseKillSwitch(),
  woke: () => engine.wake(),
  close,
})
