/** `culvert show NAME`: one profile, in words or as it is stored. */
import type { Profile, SecretReference } from '../../src-shared/profile.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { methodWords } from './list.ts'
import { findProfile } from './profiles.ts'
import { durationWords, endpointWords, keyValueLines } from './words.ts'

export async function showProfile(
  cli: Cli,
  name: string,
  options: { readonly json?: boolean },
): Promise<number> {
  const { profile } = await findProfile(cli, name)
  if (options.json === true) {
    cli.terminal.out(JSON.stringify(profile, null, 2))
    return exitCodes.done.number
  }
  cli.terminal.out(cli.terminal.tint('strong', profile.name))
  for (const line of keyValueLines(rowsOf(profile))) cli.terminal.out(line)
  return exitCodes.done.number
}

function rowsOf(profile: Profile): (readonly [string, string])[] {
  const { local, remote, proposals, traffic, virtualAddress, dns, lifetimes } = profile
  const families = [virtualAddress.ipv4 ? 'IPv4' : '', virtualAddress.ipv6 ? 'IPv6' : ''].filter(
    (text) => text !== '',
  )
  const rows: (readonly [string, string])[] = [
    ['Id', profile.id],
    ['Gateway', endpointWords(profile.gateway.address, profile.gateway.port)],
    ['Must prove to be', remote.identity ?? profile.gateway.address],
    ['By', trustWords(profile)],
    ['You are', local.identity ?? defaultIdentityWords(profile)],
    ['You log in by', `${methodWords(profile)}, ${secretWords(profile)}`],
    ['IKE proposals', proposals.ike.length === 0 ? 'recommended' : proposals.ike.join(', ')],
    ['ESP proposals', proposals.esp.length === 0 ? 'recommended' : proposals.esp.join(', ')],
    ['Through the tunnel', traffic.remote.join(', ')],
    ['Address inside', families.length === 0 ? 'none asked for' : `asked for: ${families.join(' and ')}`],
    ['DNS', dns.servers.length === 0 ? "the gateway's" : dns.servers.join(', ')],
    [
      'New keys',
      `IKE after ${durationWords(lifetimes.ikeSeconds * 1000)}, ESP after ${durationWords(lifetimes.childSeconds * 1000)}`,
    ],
    ['Reconnects', profile.reconnect ? 'by itself' : 'no'],
  ]
  return rows
}

function trustWords({ remote: { authentication } }: Profile): string {
  if (authentication.method === 'psk') return 'pre-shared key'
  const { authorities, pin } = authentication
  const from =
    authorities.length === 0 ? "the system's authorities" : `${authorities.length} named certificate(s)`
  return `certificate, trusted through ${from}${pin === undefined ? '' : ', key pinned'}`
}

function defaultIdentityWords({ local: { authentication } }: Profile): string {
  switch (authentication.method) {
    case 'psk':
      return "this machine's address"
    case 'certificate':
      return 'as in the certificate'
    case 'eap':
      return authentication.username
  }
}

function secretWords({ local: { authentication } }: Profile): string {
  switch (authentication.method) {
    case 'psk':
      return referenceWords(authentication.secret)
    case 'certificate':
      return referenceWords(authentication.key)
    case 'eap':
      return referenceWords(authentication.password)
  }
}

function referenceWords(reference: SecretReference): string {
  switch (reference.from) {
    case 'prompt':
      return 'asked for'
    case 'file':
      return `read from ${reference.path}`
    case 'store':
      return 'kept safely'
  }
}
