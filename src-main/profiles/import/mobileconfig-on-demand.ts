/** Apple's rules for connecting by itself, in words: Culvert connects when it is told to. */
import type { ProblemList } from './importer.ts'
import type { PlistFields } from './plist-fields.ts'

const RULE_LIMIT = 20

const conditions: readonly (readonly [key: string, words: string])[] = [
  ['InterfaceTypeMatch', 'on an interface of the kind'],
  ['SSIDMatch', 'in the wireless network'],
  ['DNSDomainMatch', 'where the search domain is'],
  ['DNSServerAddressMatch', 'where the DNS server is'],
  ['URLStringProbe', 'where this address answers:'],
]

/** Tells each rule, as a warning when the rules are switched on. */
export function tellOnDemand(fields: PlistFields, problems: ProblemList): void {
  const isOn = fields.flag('OnDemandEnabled') === true
  fields.has('OnDemandUserOverrideDisabled')
  const rules = fields.dictionaries('OnDemandRules')
  for (const rule of rules.slice(0, RULE_LIMIT)) {
    problems.add(
      isOn ? 'warning' : 'note',
      rule.place,
      `A rule for connecting by itself is not followed: ${ruleWords(rule)}`,
      isOn ? 'Connect and disconnect yourself.' : 'It is switched off in the profile, too.',
    )
  }
  if (rules.length > RULE_LIMIT) {
    const problem = `${rules.length - RULE_LIMIT} more rules are not followed`
    problems.add('warning', fields.where('OnDemandRules'), problem, 'Connect and disconnect yourself.')
  }
  if (isOn && rules.length === 0) {
    problems.add(
      'warning',
      fields.where('OnDemandEnabled'),
      'Connecting by itself is not supported',
      'Connect and disconnect yourself.',
    )
  }
}

function ruleWords(rule: PlistFields): string {
  const when = conditions.flatMap(([key, words]) => {
    const list = rule.list(key)
    return list === undefined ? [] : [`${words} ${list.slice(0, 5).join(' or ')}`]
  })
  const action = rule.text('Action') ?? 'Action missing'
  const domains = rule
    .dictionaries('ActionParameters')
    .flatMap((parameters) => parameters.list('Domains') ?? [])
  const forWhom = domains.length === 0 ? [] : [`for ${domains.slice(0, 5).join(', ')}`]
  return [action, ...forWhom, ...(when.length === 0 ? ['always'] : when)].join(' ').slice(0, 300)
}
