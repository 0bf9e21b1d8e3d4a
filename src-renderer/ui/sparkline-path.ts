export interface Series {
  readonly values: readonly number[]
  /** The first is filled, the second is a dashed line. */
  readonly tone: 'first' | 'second'
}

/** A line and the area under it; the newest value is at the right edge, a value of `top` at the upper edge. */
export function linePath(
  values: readonly number[],
  size: { readonly width: number; readonly height: number; readonly length: number; readonly top: number },
): { readonly line: string; readonly area: string } {
  const seen = values.slice(-size.length)
  if (seen.length === 0) return { line: '', area: '' }
  const step = size.width / Math.max(1, size.length - 1)
  const left = size.width - step * (seen.length - 1)
  const room = size.height - 3
  const points = seen.map((value, index) => {
    const x = (left + index * step).toFixed(1)
    const y = (2 + room - (room * Math.max(0, value)) / size.top).toFixed(1)
    return `${x} ${y}`
  })
  const line = `M${points.join('L')}`
  return { line, area: `${line}L${size.width} ${size.height}L${left.toFixed(1)} ${size.height}Z` }
}
