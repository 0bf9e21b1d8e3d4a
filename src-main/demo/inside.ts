/** The demonstration itself, inside namespaces of its own: builds the world, connects, uses the tunnel, takes it down. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { LOG_FILE } from '../app/log.ts'
import { phaseWords } from '../app/state-words.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { byteWords, countWords, espSuiteWords, ikeSuiteWords, spiWords, waitWords } from '../cli/words.ts'
import type { Terminal } from '../cli/terminal.ts'
import { HostError } from '../host/host-error.ts'
import { run } from '../host/run.ts'
import { makePki } from './certificates.ts'
import type { DemoFiles } from './files.ts'
import { writeFiles } from './files.ts'
import { cameIn, connections, ready, upLine, visited } from './messages.ts'
import type { UpLine } from './messages.ts'
import { makeGround, makeNetworks } from './network.ts'
import { places } from './places.ts'
import { createPrograms } from './programs.ts'
import type { Program, Programs } from './programs.ts'
import type { Transcript } from './transcript.ts'
import { createTranscript } from './transcript.ts'

export interface InsideOptions {
  /** dist/cli.js and dist/demo.js. */
  readonly cliPath: string
  readonly demoPath: string
  readonly keep: boolean
  /** The person wants it to end. */
  readonly stop: AbortSignal
  readonly terminal: Terminal
  /** How to enter this world from another terminal, once known. */
  readonly entrance: () => string | undefined
}

const { client, gateway, office } = places

export async function runInside(options: InsideOptions): Promise<void> {
  const { terminal, stop } = options
  const began = performance.now()
  const say = createTranscript(terminal)
  drawMap(terminal)
  await makeGround()
  const programs = createPrograms({
    XDG_RUNTIME_DIR: places.folder,
    XDG_CONFIG_HOME: `${places.folder}/config`,
    XDG_DATA_HOME: `${places.folder}/data`,
  })
  try {
    const up = await unlessStopped(stop, async () => {
      const world = await build(say, programs, options)
      return connect(say, programs, world, options)
    })
    await unlessStopped(stop, () => useTunnel(say, programs, options))
    if (options.keep) await holdOpen(say, programs, options)
    await takeDown(say, programs, up)
  } catch (error) {
    if (!(error instanceof VpnError && error.code === 'cancelled')) showLog(terminal)
    throw error
  } finally {
    await programs.stopAll()
  }
  say.line('')
  say.line(
    `${terminal.tint('ok', 'All done')} in ${waitWords(performance.now() - began)}. Nothing is left behind: all of it lived in namespaces of this process.`,
  )
}

/** What the programs logged, while it is still there. */
function showLog(terminal: Terminal): void {
  try {
    const lines = readFileSync(join(places.folder, 'culvert', LOG_FILE), 'utf8')
      .trimEnd()
      .split('\n')
    for (const line of lines.slice(-12)) terminal.err(terminal.tintErr('faint', `  ${line}`))
  } catch {
    // It failed before anything was logged.
  }
}

function drawMap(terminal: Terminal): void {
  const wire = `${client.address} ── internet ── `
  const inside = `${gateway.address} │ ${gateway.inside} ── lan ── `
  const at = { gateway: wire.length, office: wire.length + inside.length }
  const names = `${'client'.padEnd(at.gateway)}${'gateway'.padEnd(inside.length)}office`
  const tunnel = ' ══ tunnel ════ '.padStart(client.address.length + 16).padEnd(at.office)
  terminal.out(
    terminal.tint(
      'strong',
      'Culvert: a client, a gateway and an office on this machine, each a network of its own',
    ),
  )
  terminal.out('')
  terminal.out(`  ${terminal.tint('strong', names)}`)
  terminal.out(`  ${wire}${inside}${office.address}`)
  terminal.out(`  ${terminal.tint('faint', `${tunnel}${office.name}`)}`)
}

/** Rejects with VpnError 'cancelled' as soon as the person wants it to end. */
export function unlessStopped<Value>(stop: AbortSignal, task: () => Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(new VpnError('cancelled'))
    if (stop.aborted) return cancel()
    stop.addEventListener('abort', cancel, { once: true })
    task()
      .then(resolve, reject)
      .finally(() => stop.removeEventListener('abort', cancel))
  })
}

// ---------------------------------------------------------------- the world

interface World {
  readonly files: DemoFiles
  readonly gatewayProgram: Program
}

async function build(
  say: Transcript,
  programs: Programs,
  { cliPath, demoPath }: InsideOptions,
): Promise<World> {
  say.heading('The world')
  await say.step('Networks', 'three namespaces, two links', makeNetworks)
  const files = await say.step(
    'Certificates',
    `an authority, and ${gateway.name} by it, ECDSA P-256`,
    async () => Promise.resolve(writeFiles(makePki(gateway.name))),
  )
  const node = process.execPath
  const officeProgram = programs.start('the office', office.namespace, [node, demoPath, '--office'])
  const gatewayProgram = programs.start('the gateway', gateway.namespace, [
    node,
    cliPath,
    'gateway',
    '--config',
    files.gatewayConfig,
    '--json',
  ])
  await say.step('Office', `a web server and a DNS server on ${office.address}`, () => isReady(officeProgram))
  await say.step('Gateway', `culvert gateway, UDP 500 and 4500 on ${gateway.address}`, () =>
    isReady(gatewayProgram),
  )
  await say.step('Before', `${office.address} cannot be reached from the client`, cannotReachOffice)
  return { files, gatewayProgram }
}

/** Waits until the program says that it serves. Rejects with its complaint when it ends instead. */
export async function isReady(program: Program): Promise<void> {
  const line = await program.next()
  if (v.is(ready, line)) return
  await program.ended
  throw new VpnError('internal', { problem: `${program.name} did not start: ${program.complaint()}` })
}

/** Without the tunnel, the client has no way there at all. */
async function cannotReachOffice(): Promise<void> {
  try {
    await run(['ip', '-n', client.namespace, 'route', 'get', office.address])
  } catch (error) {
    if (error instanceof HostError) return
    throw error
  }
  throw new VpnError('internal', { problem: 'the client can reach the office without a tunnel' })
}

// ---------------------------------------------------------------- connecting

async function connect(
  say: Transcript,
  programs: Programs,
  { files, gatewayProgram }: World,
  options: InsideOptions,
): Promise<Program> {
  say.heading(`Connecting: culvert up office.json, as ${places.user} with a password (EAP-MSCHAPv2)`)
  const up = programs.start('the client', client.namespace, [
    process.execPath,
    options.cliPath,
    'up',
    files.profile,
    '--json',
  ])
  let last: UpLine | undefined
  for (;;) {
    const line = await up.next()
    const parsed = v.safeParse(upLine, line)
    if (!parsed.success) {
      const code = await up.ended
      throw new VpnError('internal', {
        problem: `the client ended with exit code ${code}: ${up.complaint()}`,
      })
    }
    const { output } = parsed
    if (last?.phase !== undefined)
      say.passed(phaseWords[last.phase], phaseDetails[last.phase], output.at - last.at)
    last = output
    if (output.state === 'failed')
      throw new VpnError(output.failure?.code ?? 'internal', output.failure?.details)
    if (output.state === 'connected') break
  }
  const status = await statusOf(programs, options)
  for (const [name, text] of connectedFacts(status)) say.fact(name, text)
  const seen = v.safeParse(cameIn, await gatewayProgram.next())
  if (seen.success) {
    const { name, endpoint } = seen.output.client
    say.fact('At the gateway', `${name}, from ${endpoint.address}:${endpoint.port}`)
  }
  return up
}

const phaseDetails = {
  resolving: `${gateway.name} is ${gateway.address}`,
  negotiating: 'IKE_SA_INIT: algorithms, key exchange',
  authenticating: 'IKE_AUTH: the gateway by certificate, then the user',
  configuring: 'adapter, address, route, DNS',
} as const

async function statusOf(programs: Programs, { cliPath }: InsideOptions): Promise<ConnectionStatus> {
  const program = programs.start('culvert status', client.namespace, [
    process.execPath,
    cliPath,
    'status',
    '--json',
  ])
  const text = await program.text()
  const [status] = v.parse(connections, JSON.parse(text))
  if (status === undefined) throw new VpnError('internal', { problem: 'culvert status shows no connection' })
  return status
}

function connectedFacts(status: ConnectionStatus): readonly (readonly [string, string])[] {
  const { virtualAddresses, interfaceName, mtu, dns, ikeSas } = status
  return [
    ['Address', `${virtualAddresses.join(', ')} on ${interfaceName ?? '?'}, MTU ${mtu ?? '?'}`],
    ['DNS', `${dns.servers.join(', ')} for ${dns.domains.join(', ')}`],
    ...ikeSas.flatMap(({ suite, initiatorSpi, responderSpi, childSas }): (readonly [string, string])[] => [
      ['IKE SA', ikeSuiteWords(suite)],
      ['', `SPIs ${initiatorSpi} ${responderSpi}`],
      ...childSas.flatMap((child): (readonly [string, string])[] => [
        ['ESP in UDP', espSuiteWords(child.suite)],
        ['', `SPIs ${spiWords(child.inboundSpi)} in, ${spiWords(child.outboundSpi)} out`],
        ['', `${child.localSelectors.join(', ')} ↔ ${child.remoteSelectors.join(', ')}`],
      ]),
    ]),
  ]
}

// ---------------------------------------------------------------- using it

async function useTunnel(say: Transcript, programs: Programs, options: InsideOptions): Promise<void> {
  say.heading('Through the tunnel, as any program does')
  const program = programs.start('the visit', client.namespace, [
    process.execPath,
    options.demoPath,
    '--visit',
    office.name,
  ])
  const line = v.safeParse(visited, await program.next())
  if (!line.success) {
    await program.ended
    throw new VpnError('internal', { problem: `the page was not fetched: ${program.complaint()}` })
  }
  const { address, resolvedMs, status, bytes, text, fetchedMs } = line.output
  say.passed('Name', `${office.name} is ${address}`, resolvedMs)
  say.passed('Page', `HTTP ${status}, ${byteWords(bytes)}: ${text}`, fetchedMs)
  await ping(say, programs)
  const { ikeSas, drops } = await statusOf(programs, options)
  for (const child of ikeSas.flatMap(({ childSas }) => childSas)) {
    const flow = ({ packets, bytes: carried }: typeof child.inbound): string =>
      `${countWords(packets, 'packet')}, ${byteWords(carried)}`
    say.fact('Received', flow(child.inbound))
    say.fact('Sent', flow(child.outbound))
  }
  const dropped = Object.entries(drops)
  if (dropped.length > 0)
    say.fact('Dropped', dropped.map(([reason, count]) => `${count} ${reason}`).join(', '))
}

async function ping(say: Transcript, programs: Programs): Promise<void> {
  const count = 3
  const program = programs.start('ping', client.namespace, [
    'ping',
    '-n',
    '-c',
    String(count),
    '-i',
    '0.2',
    '-W',
    '2',
    office.address,
  ])
  const text = await program.text()
  const code = await program.ended
  const summary = /(\d+) received.*?\n.*?= [\d.]+\/([\d.]+)\//s.exec(text)
  if (code === 0 && summary !== null) {
    say.passed('Ping', `${summary[1]} of ${count} answered by ${office.address}`, Number(summary[2]))
  } else if (/No such file|not found|Operation not permitted/.test(program.complaint())) {
    say.fact('Ping', 'not tried: this machine has no usable ping (package iputils-ping)')
  } else throw new VpnError('internal', { problem: `ping was not answered: ${program.complaint() || text}` })
}

async function holdOpen(say: Transcript, programs: Programs, options: InsideOptions): Promise<void> {
  const { terminal, stop } = options
  say.heading('Held open until Ctrl-C')
  const entrance = options.entrance()
  if (entrance !== undefined) {
    say.line('  In another terminal:')
    say.line(`    ${entrance} curl http://${office.name}/`)
  }
  while (!stop.aborted) {
    const status = await statusOf(programs, options)
    const [child] = status.ikeSas.flatMap(({ childSas }) => childSas)
    if (child !== undefined)
      terminal.passing(
        `  ${terminal.tint('ok', '●')} ${status.state.kind} for ${waitWords(child.ageMs)} · received ${byteWords(child.inbound.bytes)} · sent ${byteWords(child.outbound.bytes)}`,
      )
    await pause(1_000, stop)
  }
  terminal.passing('')
}

const pause = (delayMs: number, stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs)
    stop.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })

// ---------------------------------------------------------------- the end

async function takeDown(say: Transcript, programs: Programs, up: Program): Promise<void> {
  say.heading('Taking it down')
  await say.step('Disconnect', 'Delete sent and answered', async () => {
    const code = await up.stop()
    if (code !== 0)
      throw new VpnError('internal', {
        problem: `the client ended with exit code ${code}: ${up.complaint()}`,
      })
  })
  await say.step('Machine', 'adapter, address, route and DNS are as before', isAsBefore)
  await say.step('Gateway, office', 'stopped', () => programs.stopAll())
}

async function isAsBefore(): Promise<void> {
  const { stdout } = await run(['ip', '-n', client.namespace, '-o', 'link'])
  const resolver = readFileSync('/etc/resolv.conf', 'utf8')
  if (
    stdout.includes('culvert') ||
    !resolver.includes(places.localResolver) ||
    resolver.includes(office.address)
  )
    throw new VpnError('internal', { problem: 'the client left something behind on its machine' })
  await cannotReachOffice()
}
