/** Configures the kernel's end, and sends through both. */
import { run } from '../../interop/lab/processes.ts'
import { mirrored } from '../scenarios.ts'
import type { KernelScenario } from '../scenarios.ts'
import type { KernelLab } from './kernel-lab.ts'

export const PINGS = 4

/** The file's own states, and its policies mirrored. */
export const configureKernel = (
  lab: KernelLab,
  { states, policies }: Pick<KernelScenario, 'states' | 'policies'>,
): Promise<string> =>
  lab.guest.run(
    ['set -e', 'ip xfrm state flush', 'ip xfrm policy flush', ...states, ...mirrored(policies)].join('\n'),
  )

/** How many of the pings were answered. */
export const pingFromHere = async (
  lab: KernelLab,
  { from, to }: { readonly from: string; readonly to: string },
  payload = 56,
): Promise<number> => {
  const argv = ['ping', '-c', String(PINGS), '-i', '0.05', '-W', '1', '-s', String(payload), '-I', from, to]
  const { stdout } = await run(argv, { namespace: lab.namespace, timeoutMs: 15_000 })
  return Number(/ (\d+) received/.exec(stdout)?.[1] ?? Number.NaN)
}

/** The other way: from the kernel to Culvert's host. */
export const pingFromThere = async (
  lab: KernelLab,
  { from, to }: { readonly from: string; readonly to: string },
  payload = 56,
): Promise<number> => {
  const { output } = await lab.guest.attempt(`ping -c ${PINGS} -i 0.05 -W 1 -s ${payload} -I ${to} ${from}`)
  return Number(/ (\d+) packets received/.exec(output)?.[1] ?? Number.NaN)
}
