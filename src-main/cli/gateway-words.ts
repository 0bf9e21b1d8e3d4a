/** What a gateway tells of itself, a line for people. */
import { printable } from '../../src-shared/error-words.ts'
import type { ClientSummary, GatewayEvent, LeaveCause } from '../gateway/gateway-event.ts'
import { durationWords, endpointWords, espSuiteWords, ikeSuiteWords } from './words.ts'

const causeWords: Readonly<Record<LeaveCause, string>> = {
  deleted: 'it said goodbye',
  silent: 'it fell silent',
  replaced: 'it came back anew',
  lifetime: 'it did not authenticate again in time',
  stopping: 'the gateway stops',
}

const methodWords: Readonly<Record<ClientSummary['method'], string>> = {
  psk: 'pre-shared key',
  signature: 'certificate',
  encryption: 'public-key encryption',
  eap: 'password',
  xauth: 'password by XAUTH',
}

const endpoint = ({ address, port }: ClientSummary['endpoint']): string => endpointWords(address, port)

export function gatewayEventLine(event: GatewayEvent): string {
  switch (event.kind) {
    case 'listening': {
      const sockets = event.sockets.map(({ address, port }) => endpointWords(address, port)).join(', ')
      return `Listening as ${event.identity} on ${sockets}; clients get ${event.pools.join(', ')} and reach ${event.networks.join(', ')}`
    }
    case 'client-up': {
      const { client } = event
      const suites = [
        ikeSuiteWords(client.ikeSuite),
        ...client.children.map(({ suite }) => espSuiteWords(suite)),
      ]
      return `In   ${printable(client.name)} (${methodWords[client.method]}) from ${endpoint(client.endpoint)} as ${client.addresses.join(', ')}; ${suites.join(' / ')}`
    }
    case 'client-without-traffic':
      return `In   ${printable(event.client.name)} from ${endpoint(event.client.endpoint)}, but without traffic: ${event.reason}`
    case 'client-refused':
      return `No   ${event.who === undefined ? 'somebody' : printable(event.who)} from ${endpoint(event.from)}: ${event.reason}`
    case 'client-down':
      return `Out  ${printable(event.client.name)} (${event.client.addresses.join(', ')}) after ${durationWords(event.ageMs)}: ${causeWords[event.cause]}`
    case 'stopped':
      return 'Stopped.'
  }
}
