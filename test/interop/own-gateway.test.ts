/** Culvert's own gateway with strongSwan as the client, and with Culvert as the client. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCulvert } from './lab/culvert.ts'
import { startCulvertGateway } from './lab/culvert-gateway.ts'
import { openLab } from './lab/lab.ts'
import type { Lab } from './lab/lab.ts'
import { whyNot } from './lab/machine.ts'
import { delay } from './lab/processes.ts'
import type { Scenario } from './lab/scenario.ts'
import { snapshot } from './lab/snapshot.ts'
import { standingSpis } from './lab/strongswan.ts'
import { createStrongswanClient } from './lab/strongswan-client.ts'
import type { Session, Spis, VpnClient } from './lab/vpn-client.ts'
import { officeIsReached, refusedAs } from './run-scenario.ts'
import { ownGateway } from './scenarios/own-gateway.ts'
import { ownGatewayV1 } from './scenarios/own-gateway-v1.ts'
import { steps } from './steps.ts'

const missing = whyNot()
const clients: readonly (readonly [
  string,
  (lab: Lab) => { client: VpnClient; spis: () => Promise<Spis> },
])[] = [
  [
    'strongSwan',
    (lab) => {
      const client = createStrongswanClient(lab)
      return { client, spis: () => standingSpis(client.daemon) }
    },
  ],
  [
    'Culvert',
    (lab) => {
      const client = createCulvert(lab)
      return { client, spis: () => client.spis() }
    },
  ],
]

describe.each(clients)(
  `%s against Culvert’s gateway${missing === undefined ? '' : ` (${missing})`}`,
  (label, create) => {
    let lab: Lab
    let client: VpnClient
    let spis: () => Promise<Spis>
    beforeAll(async () => {
      if (missing !== undefined) return
      lab = await openLab()
      ;({ client, spis } = create(lab))
    })
    afterAll(async () => {
      if (missing === undefined) await lab.close()
    })

    const standing = async (scenario: Scenario, session: Session): Promise<void> => {
      if (scenario.outcome.kind !== 'connected')
        expect.fail(`connected, where ${scenario.outcome.code} was due`)
      const view = await session.view()
      if (scenario.outcome.ike !== undefined) expect(view.ike).toMatchObject(scenario.outcome.ike)
      if (scenario.outcome.esp !== undefined) expect(view.esp).toMatchObject(scenario.outcome.esp)
      const running = { lab, client, session, scenario, spis }
      await officeIsReached(running, scenario.outcome)
      for (const step of scenario.steps ?? []) await steps[step](running)
      if (scenario.steps !== undefined) await officeIsReached(running, scenario.outcome)
      await session.disconnect()
    }

    for (const scenario of [...ownGateway, ...ownGatewayV1]) {
      const cannot = label === 'strongSwan' && scenario.notWithStrongswan !== undefined
      // What the other client alone can prove is not a test here.
      if (cannot) continue
      it.skipIf(missing !== undefined)(
        scenario.name,
        async () => {
          await lab.preparePath(scenario)
          const before = await snapshot(lab.network.gateway)
          const gateway = await startCulvertGateway(scenario, lab)
          try {
            const attempt = await client.connect(scenario)
            if (attempt.kind === 'connected') await standing(scenario, attempt.session)
            else if (scenario.outcome.kind === 'connected') expect.fail(`did not connect: ${attempt.text}`)
            else refusedAs(client, attempt, scenario.outcome.code)
            await delay(20)
            expect(gateway.process.alive, 'the gateway serves on').toBe(true)
          } catch (error) {
            throw new Error(`${String(error)}\n--- gateway\n${gateway.log()}`, { cause: error })
          } finally {
            await client.close()
            expect(await gateway.stop(), gateway.log()).toBe(0)
          }
          expect(await snapshot(lab.network.gateway), 'the gateway leaves nothing behind').toEqual(before)
        },
        scenario.timeoutMs ?? 60_000,
      )
    }
  },
)
