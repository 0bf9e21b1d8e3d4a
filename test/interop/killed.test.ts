/** What is left of Culvert when it is ended without a chance to clear up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCulvert } from './lab/culvert.ts'
import { openLab } from './lab/lab.ts'
import type { Lab } from './lab/lab.ts'
import { whyNot } from './lab/machine.ts'
import { until } from './lab/processes.ts'
import type { Scenario } from './lab/scenario.ts'
import { snapshot } from './lab/snapshot.ts'

const missing = whyNot()
const scenario: Scenario = { name: 'to be killed', outcome: { kind: 'connected' } }

describe.skipIf(missing !== undefined)(
  `Culvert killed${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let lab: Lab
    beforeAll(async () => {
      lab = await openLab()
      await lab.prepare(scenario)
    })
    afterAll(async () => {
      await lab.close()
    })

    const machine = () => snapshot(lab.network.client, lab.network.clientResolvConf)

    it('leaves no address, route, rule or resolver behind two seconds after kill -9', async () => {
      const before = await machine()
      const client = createCulvert(lab)
      const attempt = await client.connect(scenario)
      expect(attempt.kind, attempt.kind === 'failed' ? attempt.text : '').toBe('connected')
      expect(await machine()).not.toEqual(before)
      client.process()?.kill('SIGKILL')
      await until(
        'the machine to be as before',
        async () => (JSON.stringify(await machine()) === JSON.stringify(before) ? true : undefined),
        2000,
        50,
      ).catch(() => undefined)
      expect(await machine()).toEqual(before)
      // And nothing of it hinders the next connection.
      const next = await client.connect(scenario)
      expect(next.kind, next.kind === 'failed' ? next.text : '').toBe('connected')
      expect((await lab.probe.ping('10.20.0.10')).received).toBe(1)
      if (next.kind === 'connected') await next.session.disconnect()
      expect(await machine()).toEqual(before)
    })

    it.each(['SIGINT', 'SIGTERM'] as const)(
      'is as before after %s in the middle of connecting',
      async (signal) => {
        const before = await machine()
        // A gateway that stays silent keeps it in the middle.
        lab.gateway.freeze()
        const client = createCulvert(lab)
        const attempt = client.connect(scenario)
        try {
          const running = await until('culvert up to begin', () =>
            client.process()?.lines.some((line) => line.includes('"negotiating"')) === true
              ? client.process()
              : undefined,
          )
          running.kill(signal)
          const ended = await attempt
          expect(ended.kind).toBe('failed')
          expect(ended.kind === 'failed' ? ended.exitStatus : 0).toBe(signal === 'SIGINT' ? 130 : 143)
        } finally {
          lab.gateway.thaw()
        }
        expect(await machine()).toEqual(before)
      },
    )
  },
)
