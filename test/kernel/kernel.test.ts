import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { delay, run } from '../interop/lab/processes.ts'
import { kernelErrors, kernelSas } from './lab/counters.ts'
import { openKernelLab } from './lab/kernel-lab.ts'
import type { KernelLab } from './lab/kernel-lab.ts'
import { whyNot } from './lab/machine.ts'
import { startManual } from './lab/manual.ts'
import { mirrored, pinged, scenarios } from './scenarios.ts'
import type { KernelScenario } from './scenarios.ts'

const reason = whyNot()
const PINGS = 4

describe.skipIf(reason !== undefined)(
  `Culvert with manual keys and a Linux kernel${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    let lab: KernelLab
    beforeAll(async () => {
      lab = await openKernelLab()
    })
    afterAll(() => lab.close())

    const configureKernel = (scenario: Pick<KernelScenario, 'states' | 'policies'>): Promise<string> =>
      lab.guest.run(
        [
          'set -e',
          'ip xfrm state flush',
          'ip xfrm policy flush',
          ...scenario.states,
          ...mirrored(scenario.policies),
        ].join('\n'),
      )

    const pingFromHere = async (to: string, from: string, payload: number): Promise<string> => {
      const ping = [
        'ping',
        '-c',
        String(PINGS),
        '-i',
        '0.05',
        '-W',
        '2',
        '-s',
        String(payload),
        '-I',
        from,
        to,
      ]
      const finished = await run(ping, { namespace: lab.namespace, timeoutMs: 15_000 })
      return finished.stdout
    }
    const pingFromThere = async (to: string, from: string, payload: number): Promise<string> =>
      (await lab.guest.attempt(`ping -c ${PINGS} -i 0.05 -W 2 -s ${payload} -I ${from} ${to}`)).output

    for (const scenario of scenarios) {
      it(`${scenario.name}, IPv${scenario.family}`, async () => {
        await configureKernel(scenario)
        const before = await kernelErrors(lab.guest)
        const manual = await startManual(
          lab,
          [...scenario.states, ...scenario.policies],
          ...(scenario.counterMode === true ? ['--allow-counter-modes'] : []),
        )
        try {
          const { from, to } = pinged(scenario)
          const payload = scenario.payload ?? 56
          expect(await pingFromHere(to, from, payload)).toContain(` ${PINGS} received`)
          expect(await pingFromThere(from, to, payload)).toContain(`${PINGS} packets received`)
          const sas = await kernelSas(lab.guest)
          expect(sas).toHaveLength(scenario.states.length)
          for (const sa of sas) {
            expect(sa.packets).toBeGreaterThanOrEqual(2 * PINGS)
            expect(sa).toMatchObject({ replays: 0, failures: 0 })
          }
          expect(await kernelErrors(lab.guest)).toEqual(before)
          const status = await manual.status()
          expect(status.drops).toEqual({})
          expect(status.manualSas?.map(({ spi, flow }) => [spi, flow.packets])).toEqual(
            expect.arrayContaining(sas.map(({ spi, packets }) => [spi, packets])),
          )
        } finally {
          await manual.stop()
        }
      })
    }
  },
)
