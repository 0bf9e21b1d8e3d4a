import { validityAt, type KeptCertificate, type Validity } from '../../../src-shared/certificates.ts'
import type { Tone } from '../../ui/tone.ts'

export const validityTone: Readonly<Record<Validity, Tone>> = {
  valid: 'ok',
  soon: 'busy',
  ended: 'bad',
  'not-yet': 'busy',
}

/** Whole days until it ends, one at least. */
export const daysLeft = ({ notAfter }: Pick<KeptCertificate, 'notAfter'>, at: number): number =>
  Math.max(1, Math.floor((notAfter - at) / 86_400_000))

/** Those about which something should be done. */
export const dueOf = (kept: readonly KeptCertificate[], at: number): readonly KeptCertificate[] =>
  kept.filter((one) => ['soon', 'ended'].includes(validityAt(one, at)))
