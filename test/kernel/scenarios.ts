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
      `ip xfrm policy add src ${a} dst ${b} dir out ${templates(true)}`,
      `ip xfrm policy add src ${b} dst ${a} dir in ${templates(false)}`,
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

export const scenarios: readonly KernelScenario[] = [
  bundle('ESP transport', 4, [esp('transport')]),
  bundle('AH transport', 4, [ah('transport')]),
]
