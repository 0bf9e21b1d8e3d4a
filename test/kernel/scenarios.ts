/** What is tried with the kernel: the very lines that configure both ends. */
import { addresses } from './lab/kernel-lab.ts'

export interface KernelScenario {
  readonly name: string
  /** `ip xfrm state add …`: the same at both ends. */
  readonly states: readonly string[]
  /** `ip xfrm policy add …` as Culvert's end has them; the kernel has them mirrored. */
  readonly policies: readonly string[]
  /** What is pinged. */
  readonly family: 4 | 6
  readonly inside: 'host' | 'net'
  readonly payload?: number
  /** Its cipher is not for keys by hand: refused unless a switch says that this is a test. */
  readonly counterMode?: boolean
}

const { culvert, kernel } = addresses
const ends = { 4: [culvert.ipv4, kernel.ipv4], 6: [culvert.ipv6, kernel.ipv6] } as const
const nets = { 4: [culvert.net4, kernel.net4], 6: [culvert.net6, kernel.net6] } as const

/** Any bytes that are not all alike; another seed, another key. */
const key = (bytes: number, seed: number): string =>
  `0x${Array.from({ length: bytes }, (_, index) => ((index * 37 + seed * 101 + 11) & 255).toString(16).padStart(2, '0')).join('')}`

export const aesCbc = (seed: number) => `enc 'cbc(aes)' ${key(16, seed)}`
export const sha1 = (seed: number) => `auth-trunc 'hmac(sha1)' ${key(20, seed)} 96`
export const sha256 = (seed: number) => `auth-trunc 'hmac(sha256)' ${key(32, seed)} 128`

/** One SA of a bundle, both directions. */
export interface Layer {
  readonly protocol: 'esp' | 'ah'
  readonly mode: 'transport' | 'tunnel'
  readonly algorithms: (seed: number) => string
  /** Family of a tunnel's outer header. */
  readonly outer?: 4 | 6
  readonly more?: string
}

/** Neighbour discovery stays in clear: without neighbours nothing can be protected. */
const neighbours = (a: string, b: string): readonly string[] =>
  [135, 136].flatMap((type) => [
    `ip xfrm policy add src ${a} dst ${b} proto ipv6-icmp type ${type} dir out priority 1`,
    `ip xfrm policy add src ${b} dst ${a} proto ipv6-icmp type ${type} dir in priority 1`,
  ])

/** A bundle in the file's words, the innermost first. */
export const bundle = (
  name: string,
  family: 4 | 6,
  layers: readonly Layer[],
  options: { readonly payload?: number; readonly inside?: 'host' | 'net' } = {},
): KernelScenario => {
  const inside = options.inside ?? (layers.some(({ mode }) => mode === 'tunnel') ? 'net' : 'host')
  const [a, b] = inside === 'net' ? nets[family] : ends[family]
  const states = layers.flatMap((layer, index) => {
    const [from, to] = ends[layer.outer ?? family]
    const state = (source: string, destination: string, way: number) =>
      `ip xfrm state add src ${source} dst ${destination} proto ${layer.protocol} spi 0x${(0x1000 + index * 16 + way).toString(16)} ` +
      `reqid ${index + 1} mode ${layer.mode} replay-window 64 ${layer.algorithms(index * 2 + way)} ${layer.more ?? ''}`.trim()
    return [state(from, to, 1), state(to, from, 2)]
  })
  const templates = (outgoing: boolean) =>
    layers
      .map((layer, index) => {
        const [one, other] = ends[layer.outer ?? family]
        const way = outgoing ? [one, other] : [other, one]
        const tunnel = layer.mode === 'tunnel' ? `src ${way[0]} dst ${way[1]} ` : ''
        return `tmpl ${tunnel}proto ${layer.protocol} reqid ${index + 1} mode ${layer.mode}`
      })
      .join(' ')
  return {
    name,
    family,
    inside,
    states,
    policies: [
      ...(family === 6 && inside === 'host' ? neighbours(a, b) : []),
      `ip xfrm policy add src ${a} dst ${b} dir out priority 9 ${templates(true)}`,
      `ip xfrm policy add src ${b} dst ${a} dir in priority 9 ${templates(false)}`,
    ],
    ...(options.payload === undefined ? {} : { payload: options.payload }),
  }
}

/** The other end's policies: what goes out here comes in there. */
export const mirrored = (policies: readonly string[]): readonly string[] =>
  policies.map((line) => line.replace(/ dir (in|out) /, (_, way) => ` dir ${way === 'in' ? 'out' : 'in'} `))

export const pinged = ({
  inside,
  family,
}: KernelScenario): { readonly from: string; readonly to: string } => {
  const [from, to] = inside === 'net' ? nets[family] : ends[family]
  return { from, to }
}

const esp = (mode: Layer['mode'], more: Partial<Layer> = {}): Layer => ({
  protocol: 'esp',
  mode,
  algorithms: (seed) => `${aesCbc(seed)} ${sha1(seed)}`,
  ...more,
})
const ah = (mode: Layer['mode'], more: Partial<Layer> = {}): Layer => ({
  protocol: 'ah',
  mode,
  algorithms: sha1,
  ...more,
})

const algorithm =
  (text: (seed: number) => string) =>
  (seed: number): string =>
    text(seed)
const mac = (name: string, bytes: number, bits: number) =>
  algorithm((seed) => `auth-trunc '${name}' ${key(bytes, seed)} ${bits}`)
const withSha1 = (cipher: (seed: number) => string) => algorithm((seed) => `${cipher(seed)} ${sha1(seed)}`)
const cipher = (name: string, bytes: number) => algorithm((seed) => `enc '${name}' ${key(bytes, seed)}`)
const esn = { more: 'flag esn' }
/** Extended numbers just before their low half begins again: the first packets go across. */
const esnAcross = { more: 'flag esn replay-oseq 0xfffffffd replay-seq 0xfffffffd' }

const modes: readonly KernelScenario[] = ([4, 6] as const).flatMap((family) => [
  bundle('ESP transport', family, [esp('transport')]),
  bundle('AH transport', family, [ah('transport')]),
  bundle('ESP tunnel', family, [esp('tunnel')]),
  bundle('AH tunnel', family, [ah('tunnel')]),
  bundle('ESP tunnel in the other family', family, [
    esp('tunnel', { outer: family === 4 ? 6 : 4, more: 'flag af-unspec' }),
  ]),
  bundle('ESP transport then AH transport', family, [esp('transport'), ah('transport')]),
  bundle('ESP tunnel then AH transport', family, [esp('tunnel'), ah('transport')], { inside: 'net' }),
  bundle('ESP transport of 4,000 bytes, in fragments outside', family, [esp('transport')], {
    payload: 4_000,
  }),
  bundle('AH transport of 4,000 bytes, in fragments outside', family, [ah('transport')], { payload: 4_000 }),
  bundle('ESP transport, extended numbers', family, [esp('transport', esn)]),
  bundle('AH transport, extended numbers', family, [ah('transport', esn)]),
  bundle('AH transport with HMAC-SHA-256', family, [ah('transport', { algorithms: sha256 })]),
])

const besideUdp = (scenario: KernelScenario): KernelScenario => {
  const { from, to } = pinged(scenario)
  return {
    ...scenario,
    policies: [
      `ip xfrm policy add src ${from} dst ${to} proto udp sport 4500 dport 4500 dir out priority 1`,
      `ip xfrm policy add src ${to} dst ${from} proto udp sport 4500 dport 4500 dir in priority 1`,
      ...scenario.policies,
    ],
  }
}

const algorithms: readonly KernelScenario[] = [
  ...(
    [
      ['HMAC-MD5', mac('hmac(md5)', 16, 96)],
      ['HMAC-SHA-384', mac('hmac(sha384)', 48, 192)],
      ['HMAC-SHA-512', mac('hmac(sha512)', 64, 256)],
      ['AES-XCBC', mac('xcbc(aes)', 16, 96)],
      ['AES-CMAC', mac('cmac(aes)', 16, 96)],
    ] as const
  ).map(([name, chosen]) =>
    bundle(`AH transport with ${name}`, 4, [ah('transport', { algorithms: chosen })]),
  ),
  bundle('AH transport, aligned to 4 bytes', 4, [
    ah('transport', { algorithms: sha256, more: 'flag align4' }),
  ]),
  bundle('AH tunnel, extended numbers across 2^32', 4, [ah('tunnel', esnAcross)]),
  bundle('ESP tunnel, extended numbers across 2^32', 6, [esp('tunnel', esnAcross)]),
  ...(
    [
      ['3DES', withSha1(cipher('cbc(des3_ede)', 24))],
      ['AES-256 and HMAC-SHA-256', algorithm((seed) => `enc 'cbc(aes)' ${key(32, seed)} ${sha256(seed)}`)],
      ['Camellia', withSha1(cipher('cbc(camellia)', 16))],
      ['authentication alone', withSha1(algorithm(() => "enc 'ecb(cipher_null)' ''"))],
      ['encryption alone', cipher('cbc(aes)', 16)],
    ] as const
  ).map(([name, chosen]) => bundle(`ESP tunnel with ${name}`, 4, [esp('tunnel', { algorithms: chosen })])),
  ...(
    [
      ['AES-GCM', `rfc4106(gcm(aes))`, 20, 128],
      ['AES-CCM', `rfc4309(ccm(aes))`, 19, 128],
      ['ChaCha20-Poly1305', `rfc7539esp(chacha20,poly1305)`, 36, 128],
      ['AES-GMAC', `rfc4543(gcm(aes))`, 20, 128],
    ] as const
  ).map(([name, kernelName, bytes, bits]) => ({
    ...bundle(`ESP transport with ${name}`, 6, [
      esp('transport', { algorithms: (seed) => `aead '${kernelName}' ${key(bytes, seed)} ${bits}` }),
    ]),
    counterMode: true,
  })),
  {
    ...bundle('ESP tunnel with AES-CTR', 4, [
      esp('tunnel', { algorithms: withSha1(cipher('rfc3686(ctr(aes))', 20)) }),
    ]),
    counterMode: true,
  },
  bundle('ESP tunnel in UDP', 4, [esp('tunnel', { more: 'encap espinudp 4500 4500 0.0.0.0' })]),
  // A policy for the hosts themselves is for the UDP around ESP too, unless another one comes first.
  besideUdp(
    bundle('ESP transport in UDP', 4, [esp('transport', { more: 'encap espinudp 4500 4500 0.0.0.0' })]),
  ),
  bundle('ESP tunnel with TFC padding', 4, [esp('tunnel', { more: 'tfcpad 600' })]),
  bundle('three tunnels, one in the other', 4, [
    esp('tunnel'),
    ah('tunnel', { outer: 6, more: 'flag af-unspec' }),
    esp('tunnel', { outer: 4, more: 'flag af-unspec' }),
  ]),
]

export const scenarios: readonly KernelScenario[] = [...modes, ...algorithms]
