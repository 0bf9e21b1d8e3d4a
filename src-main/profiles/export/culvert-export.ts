/** Culvert's own profile file, and the same in a link: everything but the secrets. */
import * as v from 'valibot'
import { fail, ok } from '../../../src-shared/result.ts'
import { Profile } from '../../../src-shared/profile.ts'
import { makeDeepLink } from '../import/deep-link.ts'
import { withReferences } from '../references.ts'
import type { Exporter } from './exporter.ts'
import { fileStem } from './file-stem.ts'
import { lostSecrets } from './lost-fields.ts'

/** A reference names a place on this machine: elsewhere the secret is asked for. */
const withoutPlaces = (profile: Profile): Profile => withReferences(profile, () => ({ from: 'prompt' }))

/** What has no default. */
const required = {
  version: 1,
  id: '00000000-0000-4000-8000-000000000000',
  name: 'x',
  gateway: { address: 'x.example' },
  ikeVersion: 2,
  local: { authentication: { method: 'psk', secret: { from: 'prompt' } } },
  remote: { authentication: { method: 'certificate', authorities: [] } },
}
const defaults: Readonly<Record<string, unknown>> = v.parse(Profile, required)

/** What every reader adds by itself: the shorter a link, the easier its QR code is read. */
const withoutDefaults = (profile: Profile): object =>
  Object.fromEntries(
    Object.entries(profile).filter(
      ([key, value]) =>
        Object.hasOwn(required, key) || JSON.stringify(value) !== JSON.stringify(defaults[key]),
    ),
  )

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
    const bytes = new TextEncoder().encode(JSON.stringify(withoutDefaults(withoutPlaces(profile))))
    const link = makeDeepLink(bytes, `${fileStem(profile.name)}.json`)
    return link === undefined
      ? fail('the profile is too long for a link; export it as a file')
      : ok({ text: `${link}\n`, beside: [], lost: lostSecrets(profile) })
  },
}
