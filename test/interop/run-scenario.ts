/** Runs one scenario with one client and holds it to what it promises. */
import { expect } from 'vitest'
import { exitCodeOf } from '../../src-main/cli/exit-codes.ts'
import type { ErrorCode } from '../../src-shared/errors.ts'
import { addresses } from './lab/network.ts'
import { clientOf } from './lab/defaults.ts'
import type { Lab } from './lab/lab.ts'
import type { Outcome, Scenario } from './lab/scenario.ts'
import { snapshot } from './lab/snapshot.ts'
import { until } from './lab/processes.ts'
import { standingSpis } from './lab/strongswan.ts'
import type { StrongswanIkeSa } from './lab/strongswan.ts'
import { espSuiteOf, ikeSuiteOf } from './lab/suite-names.ts'
import type { Attempt, Session, Spis, VpnClient } from './lab/vpn-client.ts'
import { steps } from './steps.ts'

type Connected = Extract<Outcome, { kind: 'connected' }>

export interface Running {
  readonly lab: Lab
  readonly client: VpnClient
  readonly session: Session
  readonly scenario: Scenario
  /** Of the SAs that stand, as the other end names them; comma-separated when there is more than one. */
  readonly spis: () => Promise<Spis>
}

const familiesOf = (scenario: Scenario, expected: Connected): readonly ('ipv4' | 'ipv6')[] => {
  if (expected.families !== undefined) return expected.families
  const { virtual } = clientOf(scenario)
  const families: ('ipv4' | 'ipv6')[] = []
  if (virtual.ipv4 || !virtual.ipv6) families.push('ipv4')
  if (virtual.ipv6) families.push('ipv6')
  return families
}

const gatewayIkeSa = async (lab: Lab): Promise<StrongswanIkeSa> => {
  const [first, ...more] = (await lab.gateway.sas()).filter((sa) => sa.state === 'ESTABLISHED')
  if (first === undefined) throw new Error(`the gateway has no IKE SA\n${lab.gateway.log()}`)
  expect(more, 'one IKE SA is enough').toEqual([])
  return first
}

/** Real traffic through the tunnel, as the person and the office see it and as the client counts it. */
export const officeIsReached = async (
  { lab, client, session, scenario }: Omit<Running, 'spis'>,
  expected: Connected,
): Promise<void> => {
  const poor = scenario.path?.relay?.loss !== undefined
  const before = await session.view()
  for (const family of familiesOf(scenario, expected)) {
    const address = addresses.office[family]
    const url = family === 'ipv4' ? `http://${address}/` : `http://[${address}]/`
    // A tenth lost each way leaves four in five: of ten, none is one in ten million.
    const ping = await lab.probe.ping(address, { count: poor ? 10 : 1 })
    expect(ping.received, ping.text).toBeGreaterThan(0)
    const page = await lab.probe.fetch(url, poor ? 20_000 : 5000)
    expect(page.head).toBe('the intranet page\n')
    if (before.virtualAddresses.length > 0) {
      const seen = before.virtualAddresses.map((one) => one.split('/')[0])
      expect(seen, 'the office sees the virtual address').toContain(page.client)
    }
  }
  if (client.appliesDns && expected.dns !== false) {
    const found = await lab.probe.resolve('intranet.office.test')
    expect(found).toContain(addresses.office[familiesOf(scenario, expected)[0] ?? 'ipv4'])
    const page = await lab.probe.fetch('http://intranet.office.test/')
    expect(page.head).toBe('the intranet page\n')
  }
  const after = await session.view()
  expect(after.bytesIn, 'what the client counts inbound').toBeGreaterThan(before.bytesIn)
  expect(after.bytesOut, 'what the client counts outbound').toBeGreaterThan(before.bytesOut)
}

const traffic = async (running: Running, expected: Connected): Promise<void> => {
  await officeIsReached(running, expected)
  // A Child SA that was rekeyed this moment has counted nothing yet: then the next packets are its first.
  for (let attempt = 1; ; attempt += 1) {
    const child = (await gatewayIkeSa(running.lab)).children.find((one) => one.state === 'INSTALLED')
    const counted = (child?.bytesIn ?? 0) > 0 && (child?.bytesOut ?? 0) > 0
    if (counted) return
    if (attempt === 4) expect.fail(`the gateway counts nothing: ${JSON.stringify(child)}`)
    await officeIsReached(running, expected)
  }
}

const connected = async (running: Running, expected: Connected): Promise<void> => {
  const { lab, session, scenario } = running
  const view = await session.view()
  const ike = await gatewayIkeSa(lab)
  const child = ike.children[0]
  if (child === undefined) throw new Error(`the gateway has no Child SA\n${lab.gateway.log()}`)
  // Both ends say the same, and what the scenario demands.
  const { integrity, ...withoutIntegrity } = ikeSuiteOf(ike.suite)
  // strongSwan names one for IKEv1 too, which has none: its messages are protected by their HASH payloads.
  const isVersion1 = scenario.client?.profile?.['ikeVersion'] === 1
  expect(view.ike).toEqual(
    integrity === undefined || isVersion1 ? withoutIntegrity : { ...withoutIntegrity, integrity },
  )
  expect(view.esp).toEqual(espSuiteOf(child.suite, child.extended))
  if (expected.ike !== undefined) expect(view.ike).toMatchObject(expected.ike)
  if (expected.esp !== undefined) expect(view.esp).toMatchObject(expected.esp)
  if (expected.remoteSelectors !== undefined) {
    expect([...child.localSelectors].sort()).toEqual([...expected.remoteSelectors].sort())
    expect([...view.remoteSelectors].sort()).toEqual([...expected.remoteSelectors].sort())
  }
  await traffic(running, expected)
  for (const step of running.scenario.steps ?? []) await steps[step](running)
  if (running.scenario.steps?.some((step) => !step.endsWith('transfer')) === true)
    await traffic(running, expected)
  if (expected.espAfterSteps !== undefined) {
    expect((await session.view()).esp).toMatchObject(expected.espAfterSteps)
  }
  for (const line of expected.gatewayLog ?? []) expect(lab.gateway.log()).toMatch(line)
}

/** Culvert says why by its code and its exit status; strongSwan only says no. */
export const refusedAs = (
  client: VpnClient,
  attempt: Extract<Attempt, { kind: 'failed' }>,
  code: ErrorCode,
): void => {
  if (client.label === 'strongswan') expect(attempt.exitStatus).not.toBe(0)
  else {
    expect(attempt.code, attempt.text).toBe(code)
    expect(attempt.exitStatus).toBe(exitCodeOf(code))
  }
}

export const runScenario = async (lab: Lab, client: VpnClient, scenario: Scenario): Promise<void> => {
  await lab.prepare(scenario)
  const before = client.restores
    ? await snapshot(lab.network.client, lab.network.clientResolvConf)
    : undefined
  try {
    const attempt = await client.connect(scenario)
    if (attempt.kind === 'failed') {
      if (scenario.outcome.kind !== 'failed') {
        expect.fail(`did not connect: ${attempt.text}\n--- gateway\n${lab.gateway.log()}`)
      }
      refusedAs(client, attempt, scenario.outcome.code)
      for (const line of scenario.outcome.gatewayLog ?? []) expect(lab.gateway.log()).toMatch(line)
      for (const line of scenario.outcome.gatewayLogNever ?? []) expect(lab.gateway.log()).not.toMatch(line)
    } else {
      if (scenario.outcome.kind !== 'connected') {
        expect.fail(`connected, where ${scenario.outcome.code} was due`)
      }
      const { session } = attempt
      await connected(
        { lab, client, session, scenario, spis: () => standingSpis(lab.gateway) },
        scenario.outcome,
      )
      await session.disconnect()
      await until('the gateway to have no SA left', async () =>
        (await lab.gateway.sas()).every((sa) => sa.state === 'CONNECTING') ? true : undefined,
      ).catch((error: unknown) => expect.fail(`${String(error)}\n${lab.gateway.log()}`))
    }
  } finally {
    await client.close()
  }
  if (before !== undefined)
    expect(
      await snapshot(lab.network.client, lab.network.clientResolvConf),
      'nothing is left behind',
    ).toEqual(before)
}
