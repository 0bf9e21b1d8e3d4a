/** What a screen reader hears without anybody moving the focus. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { effectScope, nextTick, type EffectScope } from 'vue'
import { announcement } from '../../src-renderer/announce.ts'
import { useAnnouncements } from '../../src-renderer/announcements.ts'
import { connected, connectionIn } from '../../src-renderer/fake/samples-connection.ts'
import { setLanguage } from '../../src-renderer/i18n.ts'
import type { Slices } from '../../src-shared/contract.ts'
import { testBridge } from './fake.ts'

let scope: EffectScope
let bridge: ReturnType<typeof testBridge>
beforeEach(async () => {
  setLanguage('en')
  announcement.value = ''
  bridge = testBridge({ connections: [] })
  scope = effectScope()
  scope.run(useAnnouncements)
  await bridge.answer()
})
afterEach(() => {
  scope.stop()
})
const heard = async <Name extends keyof Slices>(name: Name, value: Slices[Name]) => {
  bridge.push(name, value)
  await nextTick()
  return announcement.value.trim()
}
const failed = {
  kind: 'failed',
  failure: { code: 'gateway-unreachable', details: { gateway: 'vpn.example.org' } },
} as const

describe('a screen reader', () => {
  it('hears every phase, the connection, and its end', async () => {
    const phase = connectionIn({ kind: 'connecting', phase: 'authenticating' })
    expect(await heard('connections', [phase])).toContain('Proving identities')
    expect(await heard('connections', [connected()])).toBe('Head office: Connected')
    expect(await heard('connections', [])).toBe('Head office: Not connected')
  })

  it('hears nothing again where only numbers moved', async () => {
    await heard('connections', [connected()])
    announcement.value = ''
    const { traffic } = connected()
    const more = { ...traffic, inbound: { packets: 9e6, bytes: 9e9 } }
    expect(await heard('connections', [connected({ traffic: more })])).toBe('')
  })

  it('hears what failed, what to do, and that the kill switch holds', async () => {
    const text = await heard('connections', [connectionIn(failed, { killSwitch: 'holding' })])
    expect(text).toContain(
      'Blocked by the kill switch. No answer from vpn.example.org. The address may be wrong',
    )
  })

  it('hears of trouble that no connection owns, once', async () => {
    const notice = {
      id: 4,
      at: 0,
      failure: { code: 'internal', details: { problem: 'the tray is gone' } },
    } as const
    expect(await heard('notices', [notice])).toContain('the tray is gone')
    announcement.value = ''
    expect(await heard('notices', [notice])).toBe('')
  })
})
