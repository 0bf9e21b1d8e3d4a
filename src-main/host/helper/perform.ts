/** Makes steps true and takes them back. Neighbouring `ip` steps of one family go through one `ip -batch`. */
import { writeFileSync } from 'node:fs'
import { HostError } from '../host-error.ts'
import { begin, run, type Waiting } from '../run.ts'
import { actionsFor, undoActionsFor, type Action, type Step } from './step.ts'

/** The one change that is no action of step.ts: a file with a memory of its own. */
export interface ResolvConf {
  apply(step: Extract<Step, { step: 'resolv-conf' }>): void
  undo(): void
}

/** Gives the place of the first step that failed besides the failure, so that what came before it can be undone. */
export interface StepFailure {
  readonly index: number
  readonly error: HostError
}

interface Task {
  readonly index: number
  readonly step: Step
  readonly action: Action | 'resolv-conf'
}

const TIME_LIMIT_MS = 5_000

const isIp = (action: Task['action'] | undefined): action is { readonly run: readonly string[] } =>
  typeof action === 'object' && 'run' in action && action.run[0] === 'ip'

const tasksFor = (steps: readonly Step[], actions: (step: Step) => readonly Action[]): readonly Task[] =>
  steps.flatMap((step, index): readonly Task[] =>
    step.step === 'resolv-conf'
      ? [{ index, step, action: 'resolv-conf' }]
      : actions(step).map((action) => ({ index, step, action })),
  )

/** Runs of tasks that one process can do: the same `ip -FAMILY`, one after the other. */
export const inBatches = (tasks: readonly Task[]): readonly (readonly Task[])[] => {
  const batches: Task[][] = []
  for (const task of tasks) {
    const last = batches.at(-1)
    const before = last?.at(-1)?.action
    if (last !== undefined && isIp(before) && isIp(task.action) && before.run[1] === task.action.run[1])
      last.push(task)
    else batches.push([task])
  }
  return batches
}

/** Programs that wait for the steps to make, by the family of `ip` that they are; each serves once. */
export type StepRunners = Map<string, Waiting>

const beginIp = (family: string, ...options: readonly string[]): Waiting =>
  begin(['ip', family, ...options, '-batch', '-'], { timeoutMs: TIME_LIMIT_MS })

/** Starting a program takes longer than what it does: these are there when the steps come. */
export const beginRunners = (families: readonly (4 | 6)[]): StepRunners =>
  new Map(families.map((family) => [`-${family}`, beginIp(`-${family}`)]))

/** With nothing to do they end. */
export const endRunners = (runners: StepRunners): void => {
  for (const waiting of runners.values()) waiting.finish('').catch(() => undefined)
  runners.clear()
}

const runIp = (batch: readonly Task[], begun: (family: string) => Waiting): Promise<unknown> => {
  const lines = batch.flatMap(({ action }) => (isIp(action) ? [action.run.slice(2).join(' ')] : []))
  const first = batch[0]?.action
  const family = isIp(first) ? (first.run[1] ?? '-4') : '-4'
  return begun(family).finish(`${lines.join('\n')}\n`)
}

const setSysctl = (name: string, value: string): void => {
  const path = `/proc/sys/${name}`
  try {
    writeFileSync(path, value)
  } catch (error) {
    throw new HostError('sysctl', [path, value], null, error instanceof Error ? error.message : String(error))
  }
}

const performOne = async ({ action, step }: Task, apply: boolean, resolvConf: ResolvConf): Promise<void> => {
  if (action === 'resolv-conf') {
    if (!apply) resolvConf.undo()
    else if (step.step === 'resolv-conf') resolvConf.apply(step)
  } else if ('sysctl' in action) setSysctl(action.sysctl, action.value)
  else await run(action.run, { timeoutMs: TIME_LIMIT_MS })
}

const failureOf = (error: unknown, batch: readonly Task[]): StepFailure => {
  const stderr =
    error instanceof HostError ? error.stderr : error instanceof Error ? error.message : String(error)
  const line = Number(/Command failed -:(\d+)/.exec(stderr)?.[1] ?? '1')
  const task = batch[line - 1] ?? batch[0]
  const exit = error instanceof HostError ? error.exit : null
  const argv = isIp(task?.action) ? task.action.run : error instanceof HostError ? error.argv : []
  const text = stderr.replace(/Command failed -:\d+\n?/g, '').trim()
  return { index: task?.index ?? 0, error: new HostError(task?.step.step ?? 'step', argv, exit, text) }
}

/** Makes the steps true, in order, up to the first that fails. */
export const makeSteps = async (
  steps: readonly Step[],
  resolvConf: ResolvConf,
  runners: StepRunners = new Map(),
): Promise<StepFailure | undefined> => {
  const begun = (family: string): Waiting => {
    const waiting = runners.get(family)
    runners.delete(family)
    return waiting === undefined || waiting.isGone ? beginIp(family) : waiting
  }
  for (const batch of inBatches(tasksFor(steps, actionsFor))) {
    const [first] = batch
    if (first === undefined) continue
    try {
      await (isIp(first.action) ? runIp(batch, begun) : performOne(first, true, resolvConf))
    } catch (error) {
      return failureOf(error, batch)
    }
  }
  return undefined
}

/** What `ip` says when the thing is not there any more, which is what an undo wants. */
const alreadyGone =
  /Cannot find device|No such (?:process|file|device)|Cannot assign requested address|does not exist|Command failed|^\s*$/

/** Takes the steps back, last first, whatever fails on the way; gives what could not be taken back. */
export const undoSteps = async (
  steps: readonly Step[],
  resolvConf: ResolvConf,
): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const batch of inBatches(tasksFor([...steps].reverse(), undoActionsFor))) {
    const [first] = batch
    if (first === undefined) continue
    try {
      await (isIp(first.action)
        ? runIp(batch, (family) => beginIp(family, '-force'))
        : performOne(first, false, resolvConf))
    } catch (error) {
      const text =
        error instanceof HostError ? error.stderr : error instanceof Error ? error.message : String(error)
      problems.push(...text.split('\n').filter((line) => !alreadyGone.test(line)))
    }
  }
  return problems
}
