/** `culvert policy check FILE` and `culvert policy explain`: what policies say, before and after anybody relies on it. */
import { partOf } from '../ipsec/policy/entry.ts'
import { explainPacket } from '../ipsec/policy/explain.ts'
import type { Explanation } from '../ipsec/policy/explain.ts'
import { findingsIn } from '../ipsec/policy/findings.ts'
import { entryWords } from '../ipsec/policy/policy-text.ts'
import { problemText } from '../ipsec/policy/text-problem.ts'
import type { TextProblem } from '../ipsec/policy/text-problem.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { loadPolicies } from './policy-file.ts'
import type { LoadedPolicies } from './policy-file.ts'
import { askedPacket, packetWords } from './policy-packet.ts'
import type { AskedPacket, PacketOptions } from './policy-packet.ts'
import { explainRunning } from './policy-running.ts'
import { findingWords, mismatchWords, outcomeWords, placeWords } from './policy-words.ts'
import type { Terminal, Tone } from './terminal.ts'
import { countWords } from './words.ts'

export interface ExplainOptions extends PacketOptions {
  readonly policy?: string
  readonly json?: boolean
}

const marks: Readonly<Record<TextProblem['level'], readonly [Tone, string]>> = {
  error: ['bad', '✗'],
  warning: ['busy', '!'],
  note: ['faint', '·'],
}

function tell(terminal: Terminal, level: TextProblem['level'], text: string): void {
  const [tone, mark] = marks[level]
  terminal.out(`${terminal.tint(tone, mark)} ${text}`)
}

/** Says what is wrong in a policy file, and what is probably not meant. */
export async function checkPolicies(
  cli: Cli,
  file: string,
  options: { readonly json?: boolean },
): Promise<number> {
  const loaded = await loadPolicies(file)
  const { entries, problems, syntax, states } = loaded
  const broken = problems.some(({ level }) => level === 'error')
  const findings = broken || syntax !== 'culvert' ? [] : findingsIn(entries)
  const code = broken ? exitCodes.profile.number : exitCodes.done.number
  if (options.json === true) {
    const found = findings.map((finding) => ({ ...finding, words: findingWords(finding, entries) }))
    cli.terminal.out(
      JSON.stringify({ syntax, entries: written(loaded), states, problems, findings: found }, null, 2),
    )
    return code
  }
  for (const problem of problems) tell(cli.terminal, problem.level, `${problemText(problem)}.`)
  for (const finding of findings) {
    tell(cli.terminal, finding.kind === 'open-end' ? 'note' : 'warning', findingWords(finding, entries))
  }
  const sas = syntax === 'culvert' ? '' : `, ${countWords(states, 'SA')}`
  cli.terminal.out(
    broken
      ? 'This file cannot be used. Mend what is marked ✗.'
      : `${countWords(written(loaded), 'entry', 'entries')}${sas}: this file can be used.`,
  )
  return code
}

/** How many entries the file has: what a kernel does with all the rest stands in none. */
const written = ({ entries, syntax }: LoadedPolicies): number =>
  syntax === 'culvert' ? entries.length : entries.length - 1

/** Says which entry a packet meets and why none before. */
export async function explainPolicy(cli: Cli, options: ExplainOptions): Promise<number> {
  const asked = askedPacket(options)
  if (options.policy === undefined) return explainRunning(cli, asked, options)
  const loaded = await loadPolicies(options.policy)
  if (loaded.problems.some(({ level }) => level === 'error')) {
    for (const problem of loaded.problems) cli.terminal.err(`✗ ${problemText(problem)}.`)
    cli.terminal.err(`  ${options.policy} cannot be used as it is.`)
    return exitCodes.profile.number
  }
  const explanation = explainPacket(loaded.entries, asked.direction, asked.facts)
  if (options.json === true)
    cli.terminal.out(JSON.stringify(explanationValue(asked, loaded, explanation), null, 2))
  else for (const line of explanationLines(cli.terminal, asked, loaded, explanation)) cli.terminal.out(line)
  return exitCodes.done.number
}

/** Entries that are told one by one; of more, the last before the one that is met. */
const MOST_TOLD = 24

function explanationLines(
  terminal: Terminal,
  asked: AskedPacket,
  { entries, syntax }: LoadedPolicies,
  explanation: Explanation,
): readonly string[] {
  const { passed, met } = explanation
  const lines = [terminal.tint('strong', packetWords(asked)), '']
  const left = Math.max(0, passed.length - MOST_TOLD)
  if (left > 0) lines.push(`  … ${countWords(left, 'entry', 'entries')} before do not take it`)
  for (const { entry, place, reasons } of passed.slice(left)) {
    const [reason] = reasons
    const why = reason === undefined ? '' : mismatchWords(entry, reason, asked.direction, asked.facts)
    lines.push(`  ${terminal.tint('faint', `${placeWords(entries, place)}: ${entryWords(entry)}`)}`)
    lines.push(`      no: ${why}`)
  }
  if (met !== undefined) {
    const { comment } = met.entry.origin ?? {}
    const isRest = syntax !== 'culvert' && met.place === entries.length
    const what = isRest ? 'no policy takes it, and a kernel lets such packets pass' : entryWords(met.entry)
    const place = isRest ? '' : `${placeWords(entries, met.place)}: `
    lines.push(`${terminal.tint('ok', '→')} ${place}${what}${comment === undefined ? '' : `  (${comment})`}`)
  }
  return [...lines, '', ...outcomeWords(explanation, asked.direction, asked.facts)]
}

function explanationValue(
  asked: AskedPacket,
  { entries, syntax }: LoadedPolicies,
  explanation: Explanation,
): object {
  const { passed, met } = explanation
  const { direction, facts } = asked
  const place = (at: number) => ({ place: at, line: entries[at - 1]?.origin?.line })
  return {
    packet: packetWords(asked),
    direction,
    syntax,
    passed: passed.map(({ entry, place: at, reasons }) => ({
      ...place(at),
      entry: entryWords(entry),
      reasons: reasons.map((reason) => ({
        field: reason.field,
        words: mismatchWords(entry, reason, direction, facts),
      })),
    })),
    met:
      met === undefined
        ? null
        : {
            ...place(met.place),
            entry: entryWords(met.entry),
            action: met.entry.action.kind,
            database: partOf(met.entry, direction),
          },
    outcome: outcomeWords(explanation, direction, facts),
  }
}
