/** What a window can be shown with: name → the slices that differ from an ordinary day without a connection. */
import type { Slices } from '../../src-shared/contract.ts'
import type { ConnectingPhase } from '../../src-shared/connection-state.ts'
import { errorCodes, isErrorCode } from '../../src-shared/error-words.ts'
import type { ErrorCode } from '../../src-shared/errors.ts'
import { someCertificates } from './samples-certificates.ts'
import { connected, connectionIn } from './samples-connection.ts'
import { sampleExchanges } from './samples-exchanges.ts'
import { sampleImport } from './samples-import.ts'
import { emptyLibrary, longLibrary, officeId, sampleProfile, someLibrary } from './samples-library.ts'
import { sampleLog } from './samples-log.ts'
import { sampleSuites } from './samples-suites.ts'
import { viewScenarios } from './scenarios-views.ts'

export type Scenario = () => Partial<Slices>

export const ordinary = (): Slices => ({
  connections: [],
  log: sampleLog(),
  exchanges: sampleExchanges,
  library: someLibrary,
  certificates: someCertificates,
  settings: {
    connectAtLogin: null,
    reconnect: true,
    killSwitch: false,
    startMinimised: false,
    theme: 'system',
    language: 'system',
    notifications: 'all',
    keyExport: false,
  },
  suites: sampleSuites,
  demo: { kind: 'stopped' },
  incomingImport: null,
  about: {
    version: '0.1.0',
    runtime: 'Electron 45.4.1, Chromium 148, Node 24',
    machine: 'Debian GNU/Linux 12, x86-64',
    helper: 'ready',
    dataPlane: 'portable: TypeScript over node:crypto',
    keyring: 'available',
    keyExportPath: '/run/user/1000/culvert/ikev2_decryption_table',
  },
  notices: [],
})

const failureDetails: Readonly<Partial<Record<ErrorCode, Readonly<Record<string, string>>>>> = {
  'gateway-not-found': { gateway: 'vpn.exmaple.org' },
  'gateway-unreachable': { gateway: 'vpn.example.org' },
  'credentials-refused': {
    user: 'erika@example.org',
    notify: 'AUTHENTICATION_FAILED',
    rfc: 'RFC 7296 section 2.16',
  },
  'no-common-proposal': {
    gateway: 'vpn.example.org',
    offered: 'aes256gcm16-prfsha384-x25519, aes256gcm16-prfsha384-ecp384',
    notify: 'NO_PROPOSAL_CHOSEN',
    rfc: 'RFC 7296 section 3.10.1',
  },
  'certificate-wrong-name': { identity: 'vpn.example.org', names: 'mail.example.org' },
}

const connecting =
  (phase: ConnectingPhase): Scenario =>
  () => ({
    connections: [connectionIn({ kind: 'connecting', phase })],
  })

const failed =
  (code: ErrorCode): Scenario =>
  () => ({
    connections: [connectionIn({ kind: 'failed', failure: { code, details: failureDetails[code] ?? {} } })],
  })

const demoId = '00000000-0000-4000-8000-0000000000de'
const demoLibrary = {
  ...someLibrary,
  entries: [
    {
      profile: { ...sampleProfile(1, 'Demo office', 'gateway.demo.example'), id: demoId },
      favourite: false,
      secrets: {},
    },
  ],
}

const named: Readonly<Record<string, Scenario>> = {
  'first-run': () => ({ library: emptyLibrary, log: [], exchanges: [] }),
  'demo-starting': () => ({
    library: emptyLibrary,
    demo: { kind: 'starting', step: 'Making the office network…' },
  }),
  'demo-unavailable': () => ({
    library: emptyLibrary,
    demo: {
      kind: 'unavailable',
      reason: 'This machine does not let you make network namespaces.',
      advice: 'An administrator can allow it.',
    },
  }),
  disconnected: () => ({}),
  resolving: connecting('resolving'),
  negotiating: connecting('negotiating'),
  authenticating: connecting('authenticating'),
  configuring: connecting('configuring'),
  connected: () => ({ connections: [connected()] }),
  reconnecting: () => ({
    connections: [
      connected({
        state: { kind: 'reconnecting', cause: 'network-changed', attempt: 2, phase: 'negotiating' },
      }),
    ],
  }),
  armed: () => ({ connections: [connected({ killSwitch: 'armed' })] }),
  disconnecting: () => ({ connections: [connected({ state: { kind: 'disconnecting' } })] }),
  another: () => ({ connections: [connected({ carriedBy: 'another' })] }),
  question: () => ({
    connections: [
      connectionIn(
        { kind: 'connecting', phase: 'authenticating' },
        { question: { id: 1, kind: 'password', text: 'Password for erika@example.org' } },
      ),
    ],
  }),
  'one-time-code': () => ({
    connections: [
      connectionIn(
        { kind: 'connecting', phase: 'authenticating' },
        { question: { id: 2, kind: 'one-time-code', text: 'Enter the code from your token' } },
      ),
    ],
  }),
  holding: () => ({
    connections: [
      connectionIn(
        { kind: 'failed', failure: { code: 'gateway-unreachable', details: { gateway: 'vpn.example.org' } } },
        { killSwitch: 'holding' },
      ),
    ],
  }),
  many: () => ({ library: longLibrary, connections: [connected()], log: sampleLog(40) }),
  demo: () => ({
    library: demoLibrary,
    connections: [connected({ profileId: demoId, profileName: 'Demo office' })],
    demo: { kind: 'running', profileId: demoId, page: 'Welcome to the demo office', pingMs: 1.8 },
  }),
  notice: () => ({
    notices: [
      {
        id: 1,
        at: Date.now(),
        failure: { code: 'internal', details: { problem: 'The tray could not be drawn' } },
      },
    ],
  }),
  'key-export': () => ({ settings: { ...ordinary().settings, keyExport: true } }),
  incoming: () => ({ incomingImport: sampleImport }),
  loading: () => ({}),
  unanswered: () => ({}),
  ...viewScenarios,
}

/** Every name, one for each way to fail among them (`failed-no-common-proposal`). */
export const scenarioNames: readonly string[] = [
  ...Object.keys(named),
  ...errorCodes.map((code) => `failed-${code}`),
]

export function slicesOf(name: string): Slices {
  const code = name.replace(/^failed-/, '')
  const scenario = name.startsWith('failed-') && isErrorCode(code) ? failed(code) : named[name]
  return { ...ordinary(), ...scenario?.() }
}

export { officeId }
