import type { Profile } from '../../src-shared/profile.ts'
import { checkProfile } from '../../src-main/profiles/parse.ts'

/** The smallest profile that is valid, with its defaults filled in, changed as the test wants. */
export function sampleProfile(changes: Readonly<Record<string, unknown>> = {}): Profile {
  const checked = checkProfile({
    version: 1,
    id: '6f1b2c3d-0000-4000-8000-000000000001',
    name: 'Office',
    gateway: { address: 'vpn.example.org' },
    ikeVersion: 2,
    local: { authentication: { method: 'eap', username: 'maria', password: { from: 'prompt' } } },
    remote: { authentication: { method: 'certificate', authorities: [] } },
    ...changes,
  })
  if (!checked.ok) throw new Error(JSON.stringify(checked.error))
  return checked.value
}
