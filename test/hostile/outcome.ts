/** What is expected of a connection attempt with a gateway that lies, and what is expected of every one. */
import { expect } from 'vitest'
import type { ErrorCode } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { keysAgree } from '../exchange/story.ts'
import { hostileGateway } from './hostile-gateway.ts'
import type { HostileOptions } from './hostile-gateway.ts'

export interface Expected {
  /** Connected in spite of it all; or the code of the failure. */
  readonly ends: 'connected' | ErrorCode
  readonly details?: Readonly<Record<string, string>>
  /** Counters that must have moved, at least once each. */
  readonly drops?: readonly string[]
  /** The gateway has proven itself before it lied: the password may have been asked for. */
  readonly proven?: boolean
}

/** Dials, and holds the outcome to what is expected; and to what holds always. */
export async function expectOutcome(options: HostileOptions, expected: Expected): Promise<void> {
  const hostile = hostileGateway(options)
  const { story } = hostile
  const { connected, failure } = await hostile.dial()
  expect(hostile.errors).toEqual([])
  if (expected.ends === 'connected') {
    expect(failure).toBeUndefined()
    expect(connected).toBeDefined()
    expect(keysAgree(story.client.effects[0], story.gateway.effects.at(-1))).toBe(true)
  } else {
    expect(connected).toBeUndefined()
    expect(failure).toBeInstanceOf(VpnError)
    expect(failure).toMatchObject({
      code: expected.ends,
      ...(expected.details === undefined ? {} : { details: expected.details }),
    })
    // No SA, no key, nothing for the data plane.
    expect(story.client.effects).toEqual([])
    expect(story.client.session.sa).toBeUndefined()
    expect(story.client.session.children).toEqual([])
    if (expected.proven !== true) expect(hostile.asked).not.toContain('password')
  }
  expect(story.client.drops).toEqual(expect.arrayContaining([...(expected.drops ?? [])]))
  story.close()
  // Nothing of it is left: whatever was begun has an end.
  await story.pass(5_000)
  expect(story.clock.pending).toBe(0)
}
