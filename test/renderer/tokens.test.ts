import { describe, expect, it } from 'vitest'
import css from '../../src-renderer/styles/tokens.css?raw'

/** Every pair that is seen together: what is in front, what is behind, and how many to one it must be. */
const text = 4.5
const graphic = 3
const surfaces = ['surface-0', 'surface-1', 'surface-2', 'surface-3']
const pairs: readonly (readonly [string, string, number])[] = [
  ...surfaces.flatMap((surface) =>
    ['text-strong', 'text-normal', 'text-faint'].map((front) => [front, surface, text] as const),
  ),
  ...['accent', 'ok', 'busy', 'bad'].flatMap((name) => [
    [`${name}-text`, `${name}-surface`, text] as const,
    [`${name}-text`, 'surface-0', text] as const,
    [`${name}-text`, 'surface-1', text] as const,
    [`${name}-text`, 'surface-2', text] as const,
    [name, 'surface-0', graphic] as const,
    [name, 'surface-1', graphic] as const,
  ]),
  ['text-strong', 'accent-surface', text],
  ['text-normal', 'accent-surface', text],
  ['on-accent', 'accent', text],
  ['on-accent', 'accent-strong', text],
  ['on-bad', 'bad', text],
  ['on-bad', 'bad-strong', text],
  ['line-strong', 'surface-0', graphic],
  ['line-strong', 'surface-1', graphic],
  ['line-strong', 'surface-2', graphic],
  ['line-strong', 'surface-3', graphic],
  ['focus', 'surface-0', graphic],
  ['focus', 'surface-1', graphic],
  ['focus', 'surface-2', graphic],
]

type Oklch = readonly [lightness: number, chroma: number, hue: number]

function tokensOf(selector: string): ReadonlyMap<string, Oklch> {
  const start = css.indexOf(`${selector} {`)
  const block = css.slice(start, css.indexOf('\n}', start))
  const found = [...block.matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)]
  return new Map(found.map(([, name = '', l, c, h]) => [name, [Number(l), Number(c), Number(h)]]))
}

/** Linear sRGB by Björn Ottosson's matrices; what lies outside the gamut is cut as a screen would. */
function linear([lightness, chroma, hue]: Oklch): readonly [number, number, number] {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const cut = (value: number) => Math.min(1, Math.max(0, value))
  return [
    cut(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    cut(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    cut(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}

/** WCAG 2.2's relative luminance and contrast. */
const luminance = (colour: Oklch): number => {
  const [red, green, blue] = linear(colour)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
const contrast = (one: Oklch, other: Oklch): number => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

describe('the colours', () => {
  it('are measured right: black on white is 21 to 1', () => {
    expect(contrast([0, 0, 0], [1, 0, 0])).toBeCloseTo(21, 1)
  })

  it.each([
    ['light', ':root'],
    ['dark', ":root[data-theme='dark']"],
  ])('can be told apart in the %s theme', (_, selector) => {
    const tokens = tokensOf(selector)
    const measured = pairs.map(([front, back, wanted]) => {
      const [one, other] = [tokens.get(front), tokens.get(back)]
      if (one === undefined || other === undefined) throw new Error(`There is no --${front} or --${back}`)
      return { front, back, wanted, ratio: Number(contrast(one, other).toFixed(2)) }
    })
    expect(measured.filter(({ ratio, wanted }) => ratio < wanted)).toEqual([])
  })
})
