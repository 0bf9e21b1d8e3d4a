/** The groups of the key exchange: one row each; their arithmetic stands behind the Crypto port. */
import type { GroupName } from '../../src-shared/algorithms.ts'
import { acceptable, byId, recommended, weak } from './standing.ts'
import type { AlgorithmRow, Standing } from './standing.ts'
import { KeyExchangeMethod } from './v2/code-points.ts'

/** Lengths in bytes. */
export interface GroupRow extends AlgorithmRow {
  readonly publicValueLength: number
  readonly sharedSecretLength: number
}

const modp = (id: number, bits: number, strength: Standing = acceptable, source = 'RFC 3526'): GroupRow => ({
  id,
  source,
  strength,
  publicValueLength: bits / 8,
  sharedSecretLength: bits / 8,
})

// RFC 5903 section 7: public values are x and y side by side, the shared secret is x.
const ecp = (
  id: number,
  coordinateLength: number,
  strength: Standing = recommended,
  source = 'RFC 5903',
): GroupRow => ({
  id,
  source,
  strength,
  publicValueLength: 2 * coordinateLength,
  sharedSecretLength: coordinateLength,
})

// RFC 6954 section 3: encoded as the other elliptic curves are.
const brainpool = (id: number, coordinateLength: number): GroupRow =>
  ecp(id, coordinateLength, acceptable, 'RFC 6954')

// RFC 8247 section 2.4
export const groups: Readonly<Record<GroupName, GroupRow>> = {
  curve25519: {
    id: KeyExchangeMethod.CURVE25519,
    source: 'RFC 8031',
    strength: recommended,
    publicValueLength: 32,
    sharedSecretLength: 32,
  },
  curve448: {
    id: KeyExchangeMethod.CURVE448,
    source: 'RFC 8031',
    strength: recommended,
    publicValueLength: 56,
    sharedSecretLength: 56,
  },
  ecp256: ecp(KeyExchangeMethod.ECP_256, 32),
  ecp384: ecp(KeyExchangeMethod.ECP_384, 48),
  ecp521: ecp(KeyExchangeMethod.ECP_521, 66),
  ecp512bp: brainpool(KeyExchangeMethod.BRAINPOOL_512, 64),
  ecp384bp: brainpool(KeyExchangeMethod.BRAINPOOL_384, 48),
  ecp256bp: brainpool(KeyExchangeMethod.BRAINPOOL_256, 32),
  ecp224bp: brainpool(KeyExchangeMethod.BRAINPOOL_224, 28),
  ecp224: ecp(KeyExchangeMethod.ECP_224, 28, acceptable, 'RFC 5114 section 2.5'),
  modp2048: modp(KeyExchangeMethod.MODP_2048, 2048),
  modp3072: modp(KeyExchangeMethod.MODP_3072, 3072),
  modp4096: modp(KeyExchangeMethod.MODP_4096, 4096),
  modp6144: modp(KeyExchangeMethod.MODP_6144, 6144),
  modp8192: modp(KeyExchangeMethod.MODP_8192, 8192),
  ecp192: ecp(
    KeyExchangeMethod.ECP_192,
    24,
    weak('its 96 bits of strength are too few (NIST SP 800-57 part 1 section 5.6.1)'),
    'RFC 5114 section 2.4',
  ),
  modp1536: modp(KeyExchangeMethod.MODP_1536, 1536, weak('1536 bits are too few (RFC 8247 section 2.4)')),
  modp1024: modp(
    KeyExchangeMethod.MODP_1024,
    1024,
    weak('1024 bits are within reach of states (RFC 8247 section 2.4)'),
    'RFC 2409 section 6.2',
  ),
  modp768: modp(
    KeyExchangeMethod.MODP_768,
    768,
    weak('768 bits have been broken in public (RFC 8247 section 2.4)'),
    'RFC 2409 section 6.1',
  ),
}

export const groupById = byId(groups)

/** The group's number in the KE payload and in INVALID_KE_PAYLOAD. */
export const groupId = (name: GroupName): number => groups[name].id
