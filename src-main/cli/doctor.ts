/** `culvert doctor [GATEWAY]`: whether this machine can make tunnels, and whether a gateway answers from here. */
import type { PathReport, PortReport } from '../../src-shared/network-report.ts'
import type { Check } from '../host/linux/checks.ts'
import { certificateChecks } from './certificates.ts'
import type { Cli, DoctorChecks } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import type { Terminal, Tone } from './terminal.ts'
import { endpointWords, waitWords } from './words.ts'

export interface DoctorOptions {
  readonly json?: boolean
}

export async function examine(
  cli: Cli,
  gateway: string | undefined,
  options: DoctorOptions,
  checks: DoctorChecks,
): Promise<number> {
  const machine = [...(await checks.checkMachine()), ...(await certificateChecks(cli, Date.now()))]
  if (options.json !== true) tell(cli.terminal, 'This machine', machine)
  const path = gateway === undefined ? [] : pathChecks(gateway, await checks.checkPath(gateway))
  if (options.json === true) cli.terminal.out(JSON.stringify({ machine, path }, null, 2))
  else if (gateway !== undefined) tell(cli.terminal, `The way to ${gateway}`, path)
  const failed = [...machine, ...path].some(({ status }) => status === 'fail')
  if (options.json !== true)
    cli.terminal.out(failed ? 'Mend what is marked ✗, then try again.' : 'Nothing stands in the way.')
  return failed ? exitCodes.checks.number : exitCodes.done.number
}

const marks: Readonly<Record<Check['status'], readonly [Tone, string]>> = {
  ok: ['ok', '✓'],
  warn: ['busy', '!'],
  fail: ['bad', '✗'],
}

function tell(terminal: Terminal, heading: string, checks: readonly Check[]): void {
  terminal.out(terminal.tint('strong', heading))
  const width = Math.max(...checks.map(({ name }) => name.length))
  for (const { name, status, text, advice } of checks) {
    const [tone, mark] = marks[status]
    terminal.out(`  ${terminal.tint(tone, mark)} ${name.padEnd(width)}  ${text}`)
    if (advice !== undefined) terminal.out(`    ${' '.repeat(width)}  ${terminal.tint('faint', advice)}`)
  }
}

/** The path in the form of checks. */
export function pathChecks(gateway: string, report: PathReport): readonly Check[] {
  if (report.kind === 'not-found') {
    return [
      {
        name: 'name',
        status: 'fail',
        text: `${gateway} does not lead to any address`,
        advice: 'Check the spelling, and that this machine is online.',
      },
    ]
  }
  const answers = report.ports.filter(({ outcome }) => outcome.kind === 'answered').length
  const found: Check = { name: 'name', status: 'ok', text: `${gateway} is ${report.addresses.join(', ')}` }
  const overall: readonly Check[] =
    answers > 0 || report.ports.length === 0
      ? []
      : [
          {
            name: 'answer',
            status: 'fail',
            text: 'no IKE gateway answers',
            advice:
              'The address may be wrong, the gateway down, or this network blocks VPNs (UDP 500 and 4500). Try another network, such as your phone.',
          },
        ]
  return [found, ...report.ports.map((port) => portCheck(port, answers > 0)), ...overall]
}

/** One port that is silent is only worth a word when the other answers. */
function portCheck({ address, port, outcome }: PortReport, otherAnswers: boolean): Check {
  const name = `udp-${port}`
  const at = endpointWords(address, port)
  switch (outcome.kind) {
    case 'answered':
      return {
        name,
        status: 'ok',
        text: `${at} answers after ${waitWords(outcome.afterMs)}: ${outcome.detail}`,
      }
    case 'silent':
      return {
        name,
        status: otherAnswers ? 'warn' : 'fail',
        text: `${at} does not answer`,
        ...(otherAnswers
          ? { advice: `UDP ${port} may be blocked on the way; behind a NAT the tunnel needs 4500.` }
          : {}),
      }
    case 'unreachable':
      return { name, status: 'fail', text: `${at} cannot be reached from here: ${outcome.detail}` }
  }
}
