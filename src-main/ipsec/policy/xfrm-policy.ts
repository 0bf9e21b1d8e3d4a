/** One line `ip xfrm policy add …` (iproute2's ip-xfrm(8)): an entry of the security policy database. */
import type { IpAddress } from '../../ip/address.ts'
import type { PolicyEntry } from './entry.ts'
import type { FlowSelector } from './manual-sa.ts'
import type { IpsecMode, IpsecProtocol, PolicyAction, PolicyDirection, SaTemplate } from './policy.ts'
import type { PolicySelector } from './selector.ts'
import { LineError } from './text-problem.ts'
import type { TextProblem } from './text-problem.ts'
import { numberIn } from './word-reader.ts'
import type { Word, WordCursor } from './word-reader.ts'
import { modeIn } from './xfrm-state.ts'
import { addressIn, createSelectorDraft, ipsecProtocolIn, limitIn, spiIn } from './xfrm-selector.ts'
import type { SelectorDraft } from './xfrm-selector.ts'

/** The kernel asks policies of a lower priority first, among equals the older first. */
export interface XfrmPolicy {
  readonly entry: PolicyEntry
  readonly priority: number
}

/** In the order in which a kernel asks them. */
export const entriesInOrder = (policies: readonly XfrmPolicy[]): readonly PolicyEntry[] =>
  [...policies].sort((a, b) => a.priority - b.priority).map(({ entry }) => entry)

interface PolicyDraft {
  readonly line: number
  readonly selector: SelectorDraft
  direction?: PolicyDirection
  action: 'allow' | 'block'
  priority: number
  readonly templates: SaTemplate[]
  readonly problems: TextProblem[]
}

type Option = (draft: PolicyDraft, word: Word, cursor: WordCursor) => void

const unsupported =
  (problem: string): Option =>
  (_, word) => {
    throw new LineError(problem, word)
  }

const directions: Readonly<Record<string, PolicyDirection>> = { in: 'in', out: 'out', fwd: 'forward' }
const highest32 = 0xffff_ffff

const options: Readonly<Record<string, Option>> = {
  dir: (draft, word, cursor) => {
    const value = cursor.value(word)
    const direction = directions[value.text]
    if (direction === undefined) throw new LineError('Must be in, out or fwd', value)
    draft.direction = direction
  },
  action: (draft, word, cursor) => {
    const value = cursor.value(word)
    if (value.text !== 'allow' && value.text !== 'block') throw new LineError('Must be allow or block', value)
    draft.action = value.text
  },
  priority: (draft, word, cursor) => (draft.priority = numberIn(cursor.value(word), highest32)),
  tmpl: (draft, word, cursor) => draft.templates.push(readTemplate(draft, word, cursor)),
  index: (draft, word, cursor) => {
    numberIn(cursor.value(word), highest32)
    tell(draft, 'note', word, 'The number by which a kernel knows the policy is not used')
  },
  ptype: (_, word, cursor) => {
    const value = cursor.value(word)
    if (value.text !== 'main') throw new LineError('Must be main: no other type is supported', value)
  },
  flag: (draft, word, cursor) => {
    const value = cursor.value(word)
    // ICMP errors are always held against the packet that they tell of (RFC 4301 section 6).
    if (value.text === 'icmp') return
    if (value.text !== 'localok') throw new LineError('Must be localok or icmp', value)
    tell(draft, 'warning', value, 'Sockets cannot override policies here')
  },
  limit: (draft, word, cursor) => {
    limitIn(word, cursor)
    tell(draft, 'warning', word, 'A policy has no end here: it stays')
  },
  mark: unsupported('Marks are not supported'),
  if_id: unsupported('XFRM interfaces are not supported'),
  ctx: unsupported('Security contexts are not supported'),
  offload: unsupported('Offloading to a network device is not supported'),
}

/** Throws LineError for a line that cannot be used. */
export function readXfrmPolicy(cursor: WordCursor, problems: TextProblem[], family: 4 | 6): XfrmPolicy {
  const { line } = cursor
  const draft: PolicyDraft = {
    line,
    selector: createSelectorDraft(line),
    action: 'allow',
    priority: 0,
    templates: [],
    problems,
  }
  for (let word = cursor.take(); word !== undefined; word = cursor.take()) {
    if (draft.templates.length === 0 && draft.selector.take(word, cursor)) continue
    const option = options[word.text]
    if (option === undefined) throw new LineError('This is no parameter of a policy', word)
    option(draft, word, cursor)
  }
  const { direction } = draft
  if (direction === undefined)
    throw new LineError('The policy lacks its direction: dir in, out or fwd', { line })
  const selector = towards(draft.selector.finish(family), direction)
  return {
    entry: {
      directions: [direction],
      selector,
      names: [],
      action: actionOf(draft),
      populate: [],
      origin: { line },
    },
    priority: draft.priority,
  }
}

const tell = (
  draft: PolicyDraft,
  level: TextProblem['level'],
  { line, text }: Word,
  problem: string,
): void => {
  draft.problems.push({ level, line, word: text, problem })
}

function actionOf({ line, action, templates }: PolicyDraft): PolicyAction {
  if (action === 'block') {
    if (templates.length > 0) throw new LineError('A policy that blocks has no templates', { line })
    return { kind: 'discard' }
  }
  return templates.length === 0 ? { kind: 'bypass' } : { kind: 'protect', bundle: templates }
}

/** A packet's source is ours when it leaves, its destination when it comes. */
export function towards(flow: FlowSelector, direction: PolicyDirection): PolicySelector {
  const { protocol, message } = flow
  const source = { addresses: [flow.source], ports: flow.sourcePorts }
  const destination = { addresses: [flow.destination], ports: flow.destinationPorts }
  const [local, remote] = direction === 'out' ? [source, destination] : [destination, source]
  return {
    local: local.addresses,
    remote: remote.addresses,
    protocol,
    localPorts: local.ports,
    remotePorts: remote.ports,
    message,
  }
}

interface TemplateDraft {
  source?: IpAddress
  destination?: IpAddress
  protocol?: IpsecProtocol
  mode: IpsecMode
  requestId?: number
  spi?: number
}

const templateOptions: Readonly<Record<string, (draft: TemplateDraft, value: Word) => void>> = {
  src: (draft, value) => (draft.source = addressIn(value)),
  dst: (draft, value) => (draft.destination = addressIn(value)),
  proto: (draft, value) => (draft.protocol = ipsecProtocolIn(value)),
  spi: (draft, value) => (draft.spi = spiIn(value)),
  mode: (draft, value) => (draft.mode = modeIn(value)),
  reqid: (draft, value) => (draft.requestId = numberIn(value, highest32)),
  level: (_, value) => {
    if (value.text !== 'required') {
      throw new LineError('Must be required: what may also go without protection is not supported', value)
    }
  },
}

function readTemplate(policy: PolicyDraft, option: Word, cursor: WordCursor): SaTemplate {
  const draft: TemplateDraft = { mode: 'transport' }
  for (let word = cursor.peek(); word !== undefined; word = cursor.peek()) {
    const set = templateOptions[word.text]
    if (set === undefined) break
    cursor.take()
    set(draft, cursor.value(word))
  }
  const { source, destination, protocol, mode, requestId, spi } = draft
  if (protocol === undefined)
    throw new LineError('The template lacks its protocol: proto esp or proto ah', option)
  const common = {
    protocol,
    ...(requestId === undefined || requestId === 0 ? {} : { requestId }),
    ...(spi === undefined ? {} : { spi }),
  }
  if (mode === 'transport') {
    if ([source, destination].some((end) => end !== undefined && end.value !== 0n)) {
      tell(
        policy,
        'note',
        option,
        "In transport mode the ends are the packet's own: src and dst are not used",
      )
    }
    return { ...common, mode }
  }
  if (source === undefined || destination === undefined) {
    throw new LineError('A template in tunnel mode needs src and dst, the ends of the tunnel', option)
  }
  if (source.family !== destination.family) {
    throw new LineError('The ends of a tunnel must be of one family', option)
  }
  return { ...common, mode, ends: { source, destination } }
}
