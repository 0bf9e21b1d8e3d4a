import { describe, expect, it } from 'vitest'
import { VpnError } from '../../src-shared/errors.ts'
import type { MachineCheck, PathReport } from '../../src-shared/network-report.ts'
import { checkNetwork } from '../../src-main/app/network-check.ts'

const check = (name: string): MachineCheck => ({ name, status: 'ok', text: `${name} is there` })
const machine = () => Promise.resolve(['tun', 'port-500', 'user-namespaces', 'clock'].map(check))
const profile = { gateway: { address: 'vpn.example.org', port: 500 }, ikeVersion: 2 } as const

describe('checking the network', () => {
  it('asks the gateway of the profile, and leaves out what only gateways and the demo need', async () => {
    const asked: string[] = []
    const path = (gateway: string): Promise<PathReport> => {
      asked.push(gateway)
      return Promise.resolve({ kind: 'found', addresses: ['198.51.100.7'], ports: [] })
    }
    const report = await checkNetwork({ machine, path }, profile)
    expect(asked).toEqual(['vpn.example.org'])
    expect(report.machine.map(({ name }) => name)).toEqual(['tun', 'clock'])
    expect(report.gateway).toEqual({
      name: 'vpn.example.org',
      ikeVersion: 2,
      path: { kind: 'found', addresses: ['198.51.100.7'], ports: [] },
    })
  })

  it('looks at the machine alone without a profile', async () => {
    const path = () => Promise.reject(new Error('nobody is to be asked'))
    expect((await checkNetwork({ machine, path }, undefined)).gateway).toBeUndefined()
  })

  it('takes a resolver that never answers for a name that leads nowhere', async () => {
    const path = (_gateway: string, signal: AbortSignal): Promise<PathReport> => {
      expect(signal.aborted).toBe(false)
      return Promise.reject(new VpnError('cancelled'))
    }
    expect((await checkNetwork({ machine, path }, profile)).gateway?.path).toEqual({ kind: 'not-found' })
  })

  it('does not swallow what it does not know', async () => {
    const path = () => Promise.reject(new Error('EMFILE'))
    await expect(checkNetwork({ machine, path }, profile)).rejects.toThrow('EMFILE')
  })
})
