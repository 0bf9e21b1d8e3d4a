/** Parsers of what a person writes about policies: Culvert's own lines, and those for `ip xfrm`. */
import { readPolicyFile } from '../../src-main/ipsec/policy/policy-file.ts'
import { entryText } from '../../src-main/ipsec/policy/policy-text.ts'
import { readXfrm } from '../../src-main/ipsec/policy/xfrm.ts'
import { xfrmText } from '../../src-main/ipsec/policy/xfrm-text.ts'
import type { Target } from './targets.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

const states = `ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1001 reqid 1 mode tunnel \\
 aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f00010203 128 replay-window 32 flag esn af-unspec sel src 10.1.0.0/16 proto tcp sport 80
ip xfrm state add src fd00::1 dst fd00::2 proto ah spi 7 auth-trunc 'hmac(sha1)' "abcdefghijklmnopqrst" 96 limit byte-hard 5 tfcpad 0
`
const policies = `ip xfrm policy add src 10.1.0.0/16 dst 10.2.0.0/16 proto icmp type 8 code 0 dir out priority 5 tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 1 mode tunnel tmpl proto ah spi 9
xfrm policy add dir fwd action block # comment
`
const own = `protect tcp local 10.0.0.1,10.1.0.0/16 remote fd00::1-fd00::9,10.0.0.0/8 remote-port 80,443 populate local with esp tunnel from 10.0.0.1 to 10.0.0.2 id 5 then ah transport
discard in icmp type 3/1-4,8 named 'a b' # why
bypass protocol 200
`

export const policyTargets: readonly Target[] = [
  {
    name: 'policies',
    seeds: [own, ...own.split('\n')].map(utf8),
    share: 0.5,
    run(input) {
      const { entries, problems } = readPolicyFile(textOf(input))
      const again = readPolicyFile(entries.map(entryText).join('\n'))
      if (again.entries.length !== entries.length || again.problems.length > 0) {
        throw new Error('what was read cannot be written')
      }
      return entries.length > 0 && problems.length === 0
    },
  },
  {
    name: 'files for ip xfrm',
    seeds: [states + policies, ...states.split('\n'), ...policies.split('\n')].map(utf8),
    share: 0.5,
    run(input) {
      const { configuration, problems } = readXfrm(textOf(input))
      const again = readXfrm(textOf(xfrmText(configuration).reveal()))
      const { sas, policies: entries } = again.configuration
      const same = sas.length === configuration.sas.length && entries.length === configuration.policies.length
      if (!same || again.problems.length > 0) throw new Error('what was read cannot be written')
      return sas.length + entries.length > 0 && problems.length === 0
    },
  },
]
