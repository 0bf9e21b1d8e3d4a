import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { LONGEST_LINE, type Response } from '../../../src-main/host/helper/protocol.ts'
import { failureResponse, serve } from '../../../src-main/host/helper/serve.ts'
import type { Firewall } from '../../../src-main/host/helper/firewall.ts'
import type { Tunnels } from '../../../src-main/host/helper/tunnels.ts'
import { HostError } from '../../../src-main/host/host-error.ts'

const converse = async (
  lines: readonly string[],
  open: Tunnels['open'] = () => Promise.resolve(0),
  held?: Firewall['held'],
) => {
  const input = new PassThrough()
  const said: Response[] = []
  const calls: unknown[] = []
  const tunnels: Tunnels = {
    prepare: () => Promise.resolve(void calls.push(['prepare'])),
    catchUp: () => Promise.resolve(void calls.push(['catchUp'])),
    open: (configuration) => {
      calls.push(['open', configuration])
      return open(configuration)
    },
    reconfigure: (tunnel) => Promise.resolve(void calls.push(['reconfigure', tunnel])),
    close: (tunnel) => Promise.resolve(void calls.push(['close', tunnel])),
    refresh: () => Promise.resolve(void calls.push(['refresh'])),
    closeAll: () => Promise.resolve(void calls.push(['closeAll'])),
  }
  const firewall: Firewall = {
    held,
    restrict: (restriction) => Promise.resolve(void calls.push(['restrict', restriction])),
    release: () => Promise.resolve(void calls.push(['release'])),
    hold: () => Promise.resolve(void calls.push(['hold'])),
  }
  const served = serve(input, (response) => said.push(response), tunnels, firewall)
  for (const line of lines) input.write(line)
  input.end()
  await served
  return { said, calls }
}

const configuration = { mtu: 1400, addresses: [], routes: [{ address: '10.0.0.0', length: 8 }] }
const open = (changes: object = {}) =>
  `${JSON.stringify({ id: 1, do: 'open', configuration: { ...configuration, ...changes } })}\n`

describe('the helper’s conversation', () => {
  it('answers in order and undoes everything at the end', async () => {
    const close = `${JSON.stringify({ id: 2, do: 'close', tunnel: 0 })}\n`
    // Lines may come in pieces, or several at once.
    const text = open() + close
    const { said, calls } = await converse([text.slice(0, 30), text.slice(30)])
    expect(calls).toEqual([['open', configuration], ['catchUp'], ['close', 0], ['hold'], ['closeAll']])
    expect(said).toEqual([{ say: 'ready' }, { say: 'done', id: 1, tunnel: 0 }, { say: 'done', id: 2 }])
  })

  it('makes an adapter ready when asked to', async () => {
    const { said, calls } = await converse(['{"id":7,"do":"prepare"}\n', open()])
    expect(calls.slice(0, 2)).toEqual([['prepare'], ['open', configuration]])
    expect(said.slice(1)).toEqual([
      { say: 'done', id: 7 },
      { say: 'done', id: 1, tunnel: 0 },
    ])
  })

  it.each([
    ['not JSON', '{\n'],
    ['nothing', '\n'],
    ['another command', '{"id":1,"do":"run","argv":["reboot"]}\n'],
    ['a path', open({ path: '/etc/shadow' })],
    ['an address with words behind it', open({ addresses: [{ address: '10.0.0.1 dev eth0', length: 8 }] })],
    ['an address with a zone', open({ routes: [{ address: 'fe80::1%eth0', length: 64 }] })],
    ['a prefix too long', open({ routes: [{ address: '10.0.0.0', length: 33 }] })],
    ['a broken number', open({ mtu: 1400.5 })],
    ['a small MTU', open({ mtu: 68 })],
    ['a host name as the gateway', open({ outside: { gateway: 'vpn.example', localPort: 1 } })],
    ['port 0', open({ outside: { gateway: '192.0.2.1', localPort: 0 } })],
    ['a domain with a line break', open({ dns: { servers: ['10.0.0.1'], domains: ['a\nb'] } })],
    ['a domain that is an option', open({ dns: { servers: ['10.0.0.1'], domains: ['--help me'] } })],
    ['too many routes', open({ routes: Array(4_097).fill({ address: '10.0.0.0', length: 8 }) })],
    ['a long line', `${' '.repeat(LONGEST_LINE)}${open()}`],
    ['a line without an end', 'x'.repeat(LONGEST_LINE + 1)],
  ])('ends at %s, and undoes everything', async (_name, line) => {
    const { calls } = await converse([line, open()])
    expect(calls).toEqual([['hold'], ['closeAll']])
  })

  it('says what failed and serves on', async () => {
    const error = new HostError('route', ['ip', '-4', 'route', 'replace', '10.0.0.0/8'], 2, 'Error: boom')
    const { said } = await converse([open(), open()], () => Promise.reject(error))
    const failed = {
      say: 'failed',
      id: 1,
      code: 'host-step-failed',
      details: { step: 'route', command: 'ip -4 route replace 10.0.0.0/8', exit: '2', reason: 'Error: boom' },
    }
    expect(said.slice(1)).toEqual([failed, failed])
  })

  it.each([
    ['device', 'ioctl(TUNSETIFF): Operation not permitted', 'no-privilege'],
    ['device', 'open: No such file or directory', 'no-tun'],
    ['device', 'open: Permission denied', 'no-tun'],
    ['device', 'ioctl(TUNSETIFF): Device or resource busy', 'host-step-failed'],
    ['route', 'RTNETLINK answers: Operation not permitted', 'host-step-failed'],
  ])('%s: "%s" is %s', (step, stderr, code) => {
    expect(failureResponse(1, new HostError(step, [], 1, stderr))).toMatchObject({ code })
  })
})
