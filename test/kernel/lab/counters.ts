/** What a kernel counts of its IPsec: a ping that is answered proves nothing, it may be clear text. */
import type { Guest } from './guest.ts'

export interface KernelSa {
  readonly spi: number
  readonly source: string
  readonly protocol: string
  readonly packets: number
  readonly bytes: number
  /** Packets refused as replays, and for a wrong ICV. */
  readonly replays: number
  readonly failures: number
}

/** `ip -s xfrm state`. */
export const kernelSas = async (guest: Guest): Promise<readonly KernelSa[]> => {
  const text = await guest.run('ip -s xfrm state')
  return text
    .split(/^(?=src )/m)
    .filter((part) => part.startsWith('src '))
    .map((part) => {
      const number = (pattern: RegExp): number => Number(pattern.exec(part)?.[1] ?? Number.NaN)
      return {
        spi: number(/ spi (0x[0-9a-f]+)/),
        source: /^src (\S+)/.exec(part)?.[1] ?? '',
        protocol: /proto (\S+)/.exec(part)?.[1] ?? '',
        packets: number(/lifetime current:\s+\d+\(bytes\), (\d+)\(packets\)/),
        bytes: number(/lifetime current:\s+(\d+)\(bytes\)/),
        replays: number(/replay-window \d+ replay (\d+)/),
        failures: number(/ failed (\d+)/),
      }
    })
}

/** Of /proc/net/xfrm_stat, all that is not zero. */
export const kernelErrors = async (guest: Guest): Promise<Readonly<Record<string, number>>> => {
  const text = await guest.run('cat /proc/net/xfrm_stat')
  return Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .flatMap(([name = '', count = '']) => (Number(count) > 0 ? [[name, Number(count)]] : [])),
  )
}
