/** The same lines configure Culvert and a Linux kernel, and both ends' counters say that the traffic went through their SAs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kernelErrors, kernelSas } from './lab/counters.ts'
import { openKernelLab } from './lab/kernel-lab.ts'
import type { KernelLab } from './lab/kernel-lab.ts'
import { whyNot } from './lab/machine.ts'
import { startManual } from './lab/manual.ts'
import { configureKernel, pingFromHere, pingFromThere, PINGS } from './lab/traffic.ts'
import { pinged, scenarios } from './scenarios.ts'

const reason = whyNot()

describe.skipIf(reason !== undefined)(
  `manual keys with a Linux kernel${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    let lab: KernelLab
    beforeAll(async () => {
      lab = await openKernelLab()
    })
    afterAll(() => lab.close())

    for (const scenario of scenarios) {
      it(`${scenario.name}, IPv${scenario.family}`, async () => {
        await configureKernel(lab, scenario)
        const before = await kernelErrors(lab.guest)
        const manual = await startManual(
          lab,
          [...scenario.states, ...scenario.policies],
          ...(scenario.counterMode === true ? ['--allow-counter-modes'] : []),
        )
        try {
          expect(await pingFromHere(lab, pinged(scenario), scenario.payload)).toBe(PINGS)
          expect(await pingFromThere(lab, pinged(scenario), scenario.payload)).toBe(PINGS)
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
