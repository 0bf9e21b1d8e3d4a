/** The block's record: who holds it, what a killed run leaves, who may open it. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FirewallRules } from '../../../src-main/host/helper/firewall.ts'
import { openFirewall } from '../../../src-main/host/helper/firewall.ts'
import { Request } from '../../../src-main/host/helper/protocol.ts'
import { HostError } from '../../../src-main/host/host-error.ts'

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'culvert-test-'))
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

const known = [{ name: 'vpn.example.test', addresses: ['198.51.100.2'] }]
const restriction = {
  ways: [{ gateway: '198.51.100.2', localPort: 40_001, ports: [500, 4500] }],
  tunnels: [3],
  known,
}

const machine = () => {
  const rules: FirewallRules & { current: string | undefined; fails: boolean } = {
    current: undefined,
    fails: false,
    apply(ruleset) {
      if (this.fails) return Promise.reject(new HostError('firewall', ['nft'], 1, 'no'))
      this.current = ruleset.includes('chain') ? ruleset : undefined
      return Promise.resolve()
    },
    isBlocked() {
      return Promise.resolve(this.current !== undefined)
    },
  }
  return rules
}

/** Makes the record that of a helper that has ended, or of another that lives. */
const rewrite = (change: Record<string, unknown>) => {
  const [name = ''] = fs.readdirSync(folder)
  const path = join(folder, name)
  fs.writeFileSync(path, JSON.stringify({ ...JSON.parse(fs.readFileSync(path, 'utf8')), ...change }))
}

describe('the kill switch’s block', () => {
  it('is made, narrowed when the client goes, and found by the next helper with the gateways it knew', async () => {
    const rules = machine()
    const first = await openFirewall(folder, rules)
    expect(first.held).toBeUndefined()
    await first.restrict(restriction)
    expect(rules.current).toContain('oifname "culvert3" accept')
    expect(rules.current).toContain('ip daddr 198.51.100.2 udp sport 40001')
    await first.hold()
    expect(rules.current).not.toMatch(/culvert3|198\.51/)
    expect(rules.current).toContain('policy drop')

    rewrite({ started: '1' })
    const next = await openFirewall(folder, rules)
    expect(next.held).toEqual(known)
    await next.restrict(restriction)
    await next.release()
    expect(rules.current).toBeUndefined()
    expect(fs.readdirSync(folder)).toEqual([])
    await next.hold()
    expect(rules.current).toBeUndefined()
  })

  it('is not believed of a namespace that has none: its record is of an earlier one', async () => {
    const rules = machine()
    await (await openFirewall(folder, rules)).restrict(restriction)
    rewrite({ started: '1' })
    rules.current = undefined
    expect((await openFirewall(folder, rules)).held).toBeUndefined()
    expect(fs.readdirSync(folder)).toEqual([])
  })

  it('of another helper that lives is not touched', async () => {
    const rules = machine()
    await (await openFirewall(folder, rules)).restrict(restriction)
    const { current } = rules
    const stat = fs.readFileSync('/proc/1/stat', 'utf8')
    rewrite({ pid: 1, started: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] })
    const other = await openFirewall(folder, rules)
    expect(other.held).toBeUndefined()
    await expect(other.restrict(restriction)).rejects.toMatchObject({ step: 'firewall' })
    await expect(other.release()).rejects.toMatchObject({ step: 'firewall' })
    await other.hold()
    expect(rules.current).toBe(current)
  })

  it('that cannot be made leaves no record; one that cannot be changed stays as it was', async () => {
    const rules = machine()
    const firewall = await openFirewall(folder, rules)
    rules.fails = true
    await expect(firewall.restrict(restriction)).rejects.toBeInstanceOf(HostError)
    expect(fs.readdirSync(folder)).toEqual([])
    rules.fails = false
    await firewall.restrict(restriction)
    rules.fails = true
    await expect(firewall.restrict({ ...restriction, known: [] })).rejects.toBeInstanceOf(HostError)
    rewrite({ started: '1' })
    rules.fails = false
    expect((await openFirewall(folder, rules)).held).toEqual(known)
  })
})

describe('a request to restrict', () => {
  const request = (change: object) => ({ id: 1, do: 'restrict', restriction: { ...restriction, ...change } })
  const way = restriction.ways[0]

  it('is addresses, ports and numbers', () => {
    expect(v.is(Request, request({}))).toBe(true)
    expect(v.is(Request, { id: 1, do: 'release' })).toBe(true)
    expect(v.is(Request, request({ known: [{ name: 'büro.example', addresses: ['fd00::1'] }] }))).toBe(true)
  })

  it.each([
    ['nftables syntax for an address', { ways: [{ ...way, gateway: '198.51.100.2 } accept; #' }] }],
    ['a network', { ways: [{ ...way, gateway: '0.0.0.0/0' }] }],
    ['a host name', { ways: [{ ...way, gateway: 'vpn.example.test' }] }],
    ['port 0', { ways: [{ ...way, localPort: 0 }] }],
    ['a port that is text', { ways: [{ ...way, ports: ['1-65535'] }] }],
    ['no port', { ways: [{ ...way, ports: [] }] }],
    ['a device', { tunnels: ['eth0'] }],
    ['a tunnel that cannot be', { tunnels: [100] }],
    ['another word', { interfaces: ['eth0'] }],
    ['a name that is none', { known: [{ name: 'a b', addresses: [] }] }],
    ['too many ways', { ways: Array.from({ length: 65 }, () => way) }],
  ])('is refused: %s', (_name, change) => {
    expect(v.is(Request, request(change))).toBe(false)
  })
})
