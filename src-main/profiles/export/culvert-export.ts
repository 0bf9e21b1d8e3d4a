/** Culvert's own profile file, and the same in a link: everything but the secrets. */
import { fail, ok } from '../../../src-shared/result.ts'
import type { Profile } from '../../../src-shared/profile.ts'
import { makeDeepLink } from '../import/deep-link.ts'
import { withReferences } from '../references.ts'
import type { Exporter } from './exporter.ts'
import { fileStem } from './file-stem.ts'
import { lostSecrets } from './lost-fields.ts'

/** A reference names a place on this machine: elsewhere the secret is asked for. */
const withoutPlaces = (profile: Profile): Profile => withReferences(profile, () => ({ from: 'prompt' }))

export const culvertExport: Exporter = {
  label: 'Culvert profile (JSON)',
  extension: '.culvert.json',
  write: (profile) =>
    ok({
      text: `${JSON.stringify(withoutPlaces(profile), null, 2)}\n`,
      beside: [],
      lost: lostSecrets(profile),
    }),
}

export const linkExport: Exporter = {
  label: 'link or QR code (culvert://)',
  extension: '.txt',
  write(profile) {
    const bytes = new TextEncoder().encode(JSON.stringify(withoutPlaces(profile)))
    const link = makeDeepLink(bytes, `${fileStem(profile.name)}.json`)
    return link === undefined
      ? fail('the profile is too long for a link; export it as a file')
      : ok({ text: `${link}\n`, beside: [], lost: lostSecrets(profile) })
  },
}
