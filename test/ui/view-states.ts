import type { State } from './states.ts'

const office = '00000000-0000-4000-8000-000000000001'
const edit = `/profiles/${office}/edit`
const exporting = [
  '[data-profile] [aria-haspopup="menu"]',
  '[role="menuitem"]:has(svg.lucide-file-up)',
] as const
const proposals = 'button:has(svg.lucide-sliders-horizontal)'

/** Profiles, editor, proposals, import, status and exchange beyond their first sight. */
export const viewStates: readonly State[] = [
  {
    name: 'profiles-menu',
    scenario: 'many',
    path: '/profiles',
    press: '[data-profile] [aria-haspopup="menu"]',
  },
  {
    name: 'profiles-folder',
    scenario: 'many',
    path: '/profiles',
    press: ['[data-profile] [aria-haspopup="menu"]', '[role="menuitem"]:has(svg.lucide-folder)'],
  },
  {
    name: 'profiles-deleted',
    scenario: 'many',
    path: '/profiles',
    press: [
      '[data-profile]:last-child [aria-haspopup="menu"] >> nth=-1',
      '[role="menuitem"]:has(svg.lucide-trash-2)',
    ],
  },
  {
    name: 'export',
    scenario: 'many',
    path: '/profiles',
    press: exporting,
  },
  {
    name: 'export-link',
    scenario: 'many',
    path: '/profiles',
    press: exporting,
    choose: ['[role="dialog"] select', 'link'],
  },
  {
    name: 'export-lost',
    scenario: 'many',
    path: '/profiles',
    press: exporting,
    choose: ['[role="dialog"] select', 'swanctl'],
  },
  {
    name: 'export-impossible',
    scenario: 'many',
    path: '/profiles',
    press: exporting,
    choose: ['[role="dialog"] select', 'sswan'],
  },
  {
    name: 'export-bundle',
    scenario: 'many',
    path: '/profiles',
    press: exporting,
    choose: ['[role="dialog"] select', 'bundle'],
  },
  { name: 'import-locked', scenario: 'incoming-locked', path: '/import' },
  { name: 'settings-no-certificates', scenario: 'no-certificates', path: '/settings' },
  {
    name: 'settings-remove-certificate',
    scenario: 'disconnected',
    path: '/settings',
    press: 'main li button:has(svg.lucide-trash-2)',
  },
  { name: 'profiles-unreadable', scenario: 'unreadable', path: '/profiles' },
  { name: 'editor-errors', scenario: 'disconnected', path: '/profiles/new', press: 'button[type="submit"]' },
  {
    name: 'editor-expert',
    scenario: 'connected',
    path: edit,
    press: 'main button[aria-expanded="false"]:not([aria-haspopup])',
  },
  {
    name: 'editor-certificate',
    scenario: 'disconnected',
    path: edit,
    press: '[role="radio"][value="certificate"]',
  },
  {
    name: 'editor-keep',
    scenario: 'disconnected',
    path: edit,
    press: ['[role="radio"][value="keep"]', '[role="radio"][value="networks"]'],
  },
  { name: 'editor-gone', scenario: 'disconnected', path: '/profiles/none/edit' },
  { name: 'editor-loading', scenario: 'loading', path: edit },
  { name: 'proposals', scenario: 'disconnected', path: edit, press: proposals },
  {
    name: 'proposals-weak',
    scenario: 'disconnected',
    path: edit,
    press: [proposals, '[role="radio"][value="gmac-256"]'],
  },
  {
    name: 'proposals-own',
    scenario: 'disconnected',
    path: edit,
    press: [proposals, '[role="radio"][value="own"]', '[role="dialog"] button:has(svg.lucide-plus)'],
  },
  { name: 'import-nothing', scenario: 'incoming-nothing', path: '/import' },
  { name: 'import-no-keyring', scenario: 'no-keyring', path: '/import' },
  { name: 'status-connecting', scenario: 'negotiating', path: '/status' },
  { name: 'status-failed', scenario: 'failed-gateway-unreachable', path: '/status' },
  { name: 'status-another', scenario: 'another', path: '/status' },
  { name: 'status-crowded', scenario: 'crowded', path: '/status' },
  { name: 'status-manual', scenario: 'manual', path: '/status' },
  { name: 'status-table', scenario: 'connected', path: '/status', press: 'button:has(svg.lucide-table-2)' },
  { name: 'exchange-message', scenario: 'connected', path: '/exchange', press: '[role="option"] >> nth=2' },
  {
    name: 'exchange-keys',
    scenario: 'connected',
    path: '/exchange',
    press: 'button:has(svg.lucide-file-key-2)',
  },
  {
    name: 'exchange-keys-on',
    scenario: 'key-export',
    path: '/exchange',
    press: 'main button:has(svg.lucide-triangle-alert)',
  },
]
