/** "Check this network": what it comes to, and the way there from a failure. */
import { afterEach, describe, expect, it } from 'vitest'
import { verdictOf } from '../../src-renderer/views/network/findings.ts'
import { closeCheck } from '../../src-renderer/views/network/network-check.ts'
import type { MachineCheck, NetworkReport, PathReport } from '../../src-shared/network-report.ts'
import { openWindow } from './window.ts'

describe('what a check comes to', () => {
  const answered = { kind: 'answered', afterMs: 5, detail: '' } as const
  const silent = { kind: 'silent' } as const
  const unreachable = { kind: 'unreachable', detail: 'there is no route' } as const
  const found = (
    ...outcomes: readonly (typeof answered | typeof silent | typeof unreachable)[]
  ): PathReport => ({
    kind: 'found',
    addresses: ['198.51.100.7'],
    ports: outcomes.map((outcome, index) => ({
      address: '198.51.100.7',
      port: index === 0 ? 500 : 4500,
      outcome,
    })),
  })
  const good: MachineCheck = { name: 'tun', status: 'ok', text: '' }
  const report = (path: PathReport, ikeVersion: 1 | 2 = 2): NetworkReport => ({
    machine: [good],
    gateway: { name: 'vpn.example.org', ikeVersion, path },
  })

  it.each([
    ['answers', report(found(answered, answered))],
    ['half', report(found(answered, silent))],
    ['silent', report(found(silent, silent))],
    ['silent-v1', report(found(silent, silent), 1)],
    ['no-route', report(found(unreachable, unreachable))],
    ['silent', report(found(silent, unreachable))],
    ['not-found', report({ kind: 'not-found' })],
    ['fit', { machine: [good] }],
    ['fit', { machine: [{ ...good, status: 'warn' }] }],
    ['machine', { ...report(found(answered, answered)), machine: [{ ...good, status: 'fail' }] }],
  ] as const)('is %s', (verdict, given) => {
    expect(verdictOf(given)).toBe(verdict)
  })
})

describe('checking the network', () => {
  let window: Awaited<ReturnType<typeof openWindow>>
  afterEach(() => {
    closeCheck()
    window.close()
  })
  const office = '00000000-0000-4000-8000-000000000001'

  it.each(['/', '/status'])('is the next step when nothing answered, at %s', async (path) => {
    window = await openWindow('failed-gateway-unreachable', path)
    await window.click(window.byText('main button', 'Check this network'))
    expect(window.callsOf('checkNetwork')).toEqual([{ profileId: office }])
    const dialog = window.textOf(window.find('[role="dialog"]'))
    expect(dialog).toContain('No answer from vpn.example.org.')
    expect(dialog).toContain('198.51.100.7 doesn’t answer on UDP 4500')
    expect(dialog).toContain('It can make network adapters')
    expect(dialog).toContain('Install nftables')
    expect(window.textOf(window.find('.sr-only[role="status"]'))).toContain('No answer from vpn.example.org.')
    await window.click(window.byText('[role="dialog"] button', 'Check again'))
    expect(window.callsOf('checkNetwork')).toHaveLength(2)
    await window.press(window.find('[role="dialog"]'), 'Escape')
    expect(window.all('[role="dialog"]')).toEqual([])
  })

  it('is found in the settings, and says when all is well', async () => {
    window = await openWindow('disconnected', '/settings', 'de')
    await window.click(window.byText('main button', 'Netz prüfen'))
    const dialog = window.textOf(window.find('[role="dialog"]'))
    expect(dialog).toContain('vpn.example.org antwortet von hier aus.')
    expect(dialog).toContain('198.51.100.7 antwortet an UDP 500 nach 18 ms')
    expect(dialog).toContain('nft fehlt; der Notschalter braucht es')
  })

  it('looks at the machine alone where there is no profile', async () => {
    window = await openWindow('first-run', '/settings')
    await window.click(window.byText('main button', 'Check this machine'))
    expect(window.callsOf('checkNetwork')).toEqual([{}])
    expect(window.textOf(window.find('[role="dialog"]'))).toContain('This machine has what it takes.')
  })
})
