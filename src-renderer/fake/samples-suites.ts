/** A catalogue as the main process makes it, for trying the proposal editor in a browser. */
import type {
  ProposalKind,
  ProposalMeaning,
  SuiteCatalogue,
  TransformChoice,
  TransformRole,
} from '../../src-shared/proposal-choice.ts'

const both: readonly ProposalKind[] = ['ike', 'esp']

const choice = (
  word: string,
  role: TransformRole,
  label: string,
  more: Partial<TransformChoice> = {},
): TransformChoice => ({ word, role, label, kinds: both, combined: false, ...more })

const transforms: readonly TransformChoice[] = [
  choice('aes256gcm16', 'encryption', 'AES-256-GCM', { combined: true }),
  choice('aes128gcm16', 'encryption', 'AES-128-GCM', { combined: true }),
  choice('chacha20poly1305', 'encryption', 'ChaCha20-Poly1305', { combined: true }),
  choice('aes256', 'encryption', 'AES-256-CBC'),
  choice('aes128', 'encryption', 'AES-128-CBC'),
  choice('aes256gmac', 'encryption', 'AES-256-GMAC (integrity without encryption)', {
    kinds: ['esp'],
    combined: true,
    weak: 'it does not encrypt',
  }),
  choice('3des', 'encryption', '3DES-CBC', {
    weak: 'its 64-bit blocks repeat after a few gigabytes (RFC 8221 section 5)',
    unavailable: "This computer's crypto library does not have it",
  }),
  choice('sha512', 'integrity', 'HMAC-SHA2-512-256'),
  choice('sha384', 'integrity', 'HMAC-SHA2-384-192'),
  choice('sha256', 'integrity', 'HMAC-SHA2-256-128'),
  choice('sha1', 'integrity', 'HMAC-SHA1-96', { weak: 'SHA-1 is being retired (RFC 8247 section 2.3)' }),
  choice('prfsha512', 'prf', 'HMAC-SHA2-512', { kinds: ['ike'] }),
  choice('prfsha384', 'prf', 'HMAC-SHA2-384', { kinds: ['ike'] }),
  choice('prfsha256', 'prf', 'HMAC-SHA2-256', { kinds: ['ike'] }),
  choice('prfsha1', 'prf', 'HMAC-SHA1', {
    kinds: ['ike'],
    weak: 'SHA-1 is being retired (RFC 8247 section 2.2)',
  }),
  choice('curve25519', 'group', 'Curve25519'),
  choice('ecp521', 'group', 'ECP-521'),
  choice('ecp384', 'group', 'ECP-384'),
  choice('ecp256', 'group', 'ECP-256'),
  choice('modp4096', 'group', 'MODP-4096'),
  choice('modp3072', 'group', 'MODP-3072'),
  choice('modp2048', 'group', 'MODP-2048'),
  choice('modp1024', 'group', 'MODP-1024', {
    weak: '1024 bits are within reach of states (RFC 8247 section 2.4)',
    unavailable: "This computer's crypto library does not have it",
  }),
  choice('esn', 'sequence-numbers', '64-bit sequence numbers (extended)', { kinds: ['esp'] }),
  choice('noesn', 'sequence-numbers', '32-bit sequence numbers', { kinds: ['esp'] }),
]

const meaningOf = (kind: ProposalKind, text: string): ProposalMeaning => ({
  kind,
  text,
  transforms: text.split('-').flatMap((word) => {
    const found = transforms.find((one) => one.word === word && one.kinds.includes(kind))
    return found === undefined ? [] : [found]
  }),
})

/** What the command `readProposal` answers. */
export function readSampleProposal(
  kind: ProposalKind,
  text: string,
):
  | { readonly valid: true; readonly meaning: ProposalMeaning }
  | { readonly valid: false; readonly problem: string } {
  const words = text.split('-')
  const unknown = words.find(
    (word) => !transforms.some((one) => one.word === word && one.kinds.includes(kind)),
  )
  if (unknown !== undefined) return { valid: false, problem: `Unknown algorithm "${unknown}"` }
  const meaning = meaningOf(kind, text)
  const has = (role: TransformRole) => meaning.transforms.some((one) => one.role === role)
  const combined = meaning.transforms.filter((one) => one.role === 'encryption' && one.combined)
  if (!has('encryption')) return { valid: false, problem: 'No encryption algorithm' }
  if (combined.length === 0 && !has('integrity')) return { valid: false, problem: 'No integrity algorithm' }
  if (kind === 'ike' && !has('prf') && !has('integrity'))
    return { valid: false, problem: 'No pseudo-random function' }
  if (kind === 'ike' && !has('group')) return { valid: false, problem: 'No key exchange group' }
  return { valid: true, meaning }
}

export const sampleSuites: SuiteCatalogue = {
  named: [
    { id: 'recommended', label: 'Recommended', ike: [], esp: [] },
    {
      id: 'gcm-256',
      label: 'Suite-B-GCM-256',
      source: 'RFC 4869 section 3.2',
      ike: ['aes256-sha384-ecp384'],
      esp: ['aes256gcm16'],
    },
    {
      id: 'gcm-128',
      label: 'Suite-B-GCM-128',
      source: 'RFC 4869 section 3.1',
      ike: ['aes128-sha256-ecp256'],
      esp: ['aes128gcm16'],
    },
    {
      id: 'gmac-256',
      label: 'Suite-B-GMAC-256',
      source: 'RFC 4869 section 3.4',
      ike: ['aes256-sha384-ecp384'],
      esp: ['aes256gmac'],
      weak: 'AES-256-GMAC (integrity without encryption): it does not encrypt',
    },
    {
      id: 'vpn-b',
      label: 'VPN-B',
      source: 'RFC 4308 section 2.2',
      ike: ['aes128-sha256-modp2048'],
      esp: ['aes128-sha256'],
    },
    {
      id: 'vpn-a',
      label: 'VPN-A',
      source: 'RFC 4308 section 2.1',
      ike: ['3des-sha1-modp1024'],
      esp: ['3des-sha1'],
      weak: '3DES-CBC: its 64-bit blocks repeat after a few gigabytes (RFC 8221 section 5); MODP-1024: 1024 bits are within reach of states (RFC 8247 section 2.4)',
      unavailable: "3DES-CBC: this computer's crypto library does not have it",
    },
  ],
  transforms,
  recommended: {
    ike: [
      meaningOf('ike', 'aes256gcm16-chacha20poly1305-prfsha384-prfsha256-curve25519-ecp384-ecp256'),
      meaningOf('ike', 'aes256-aes128-sha384-sha256-curve25519-ecp256-modp3072-modp2048'),
    ],
    esp: [
      meaningOf('esp', 'aes256gcm16-chacha20poly1305-aes128gcm16'),
      meaningOf('esp', 'aes256-aes128-sha384-sha256'),
    ],
  },
}
