import { viewStates } from './view-states.ts'

/** Every view in every state worth looking at: name, the fake bridge's scenario, where it is. */
export interface State {
  readonly name: string
  readonly scenario: string
  readonly path: string
  /** A selector to click first, or several one after the other: what opens a menu, dialog or sheet. */
  readonly press?: string | readonly string[]
  /** Then what to choose in a select: its selector and the value. */
  readonly choose?: readonly [selector: string, value: string]
  /** Keys to press first. */
  readonly keys?: string
}

const office = '00000000-0000-4000-8000-000000000001'
const state = (name: string, scenario: string, path = '/', more: Partial<State> = {}): State => ({
  name,
  scenario,
  path,
  ...more,
})

export const states: readonly State[] = [
  state('first-run', 'first-run'),
  state('demo-starting', 'demo-starting'),
  state('demo-unavailable', 'demo-unavailable'),
  state('loading', 'loading'),
  state('unread', 'unanswered'),
  state('disconnected', 'disconnected'),
  state('resolving', 'resolving'),
  state('authenticating', 'authenticating'),
  state('connected', 'connected'),
  state('armed', 'armed'),
  state('another', 'another'),
  state('reconnecting', 'reconnecting'),
  state('disconnecting', 'disconnecting'),
  state('failed-credentials', 'failed-credentials-refused'),
  state('failed-proposal', 'failed-no-common-proposal', '/', {
    press: 'section button[aria-expanded="false"]',
  }),
  state('failed-internal', 'failed-internal'),
  state('network-silent', 'failed-gateway-unreachable', '/', { press: 'main section button' }),
  state('network-answers', 'disconnected', '/settings', { press: 'main button:has(svg.lucide-radar)' }),
  state('holding', 'holding'),
  state('question', 'question'),
  state('one-time-code', 'one-time-code'),
  state('demo', 'demo'),
  state('notice', 'notice'),
  state('picker', 'many', '/', { press: 'button[aria-haspopup="menu"]' }),
  state('palette', 'disconnected', '/', { keys: 'Control+k' }),
  state('help', 'disconnected', '/', { keys: '?' }),
  state('profiles', 'many', '/profiles'),
  state('profiles-empty', 'first-run', '/profiles'),
  state('profiles-loading', 'loading', '/profiles'),
  state('profiles-unread', 'unanswered', '/profiles'),
  state('editor', 'disconnected', `/profiles/${office}/edit`),
  state('editor-new', 'disconnected', '/profiles/new'),
  state('import', 'incoming', '/import'),
  state('import-empty', 'disconnected', '/import'),
  state('status', 'connected', '/status'),
  state('status-empty', 'disconnected', '/status'),
  state('status-loading', 'loading', '/status'),
  state('status-unread', 'unanswered', '/status'),
  state('exchange', 'connected', '/exchange'),
  state('exchange-empty', 'first-run', '/exchange'),
  state('exchange-unread', 'unanswered', '/exchange'),
  state('log', 'many', '/log'),
  state('log-empty', 'first-run', '/log'),
  state('log-unread', 'unanswered', '/log'),
  state('settings', 'key-export', '/settings'),
  state('settings-loading', 'loading', '/settings'),
  state('settings-unread', 'unanswered', '/settings'),
  state('gallery', 'disconnected', '/gallery'),
  state('gallery-menu', 'disconnected', '/gallery', { press: 'main button[aria-haspopup="menu"]' }),
  state('gallery-sheet', 'disconnected', '/gallery', { press: 'main button:has-text("Sheet")' }),
  state('gallery-toast', 'disconnected', '/gallery', { press: 'main button:has-text("Toast")' }),
  state('gallery-combobox', 'disconnected', '/gallery', { press: 'main input[role="combobox"]' }),
  ...viewStates,
]
