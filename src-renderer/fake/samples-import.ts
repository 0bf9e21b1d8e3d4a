/** What two dropped files would bring: one whole, one with everything that can be wrong. */
import type { ImportPreview } from '../../src-shared/library.ts'
import * as v from 'valibot'
import { Profile } from '../../src-shared/profile.ts'
import { officeId } from './samples-library.ts'

const base = v.parse(Profile, {
  version: 1,
  id: '9d0a5b52-0000-4000-8000-0000000000a1',
  name: 'Berlin office',
  gateway: { address: 'vpn.berlin.example.org', port: 500 },
  ikeVersion: 2,
  local: {
    identity: 'maria@example.org',
    authentication: { method: 'eap', username: 'maria', password: { from: 'prompt' }, allow: ['mschapv2'] },
  },
  remote: { authentication: { method: 'certificate', authorities: [] } },
  proposals: { ike: [], esp: [] },
  traffic: { remote: ['10.0.0.0/8'], local: [] },
  virtualAddress: { ipv4: true, ipv6: true },
  dns: { servers: ['10.0.0.53'], domains: ['corp.example'] },
  lifetimes: { ikeSeconds: 14_400, childSeconds: 3600 },
  livenessSeconds: 30,
  natKeepaliveSeconds: 20,
  forceEncapsulation: false,
  fragmentation: true,
  replayWindow: 64,
  reconnect: true,
})

export const sampleImport: ImportPreview = {
  id: 7,
  files: [
    { name: 'berlin.sswan', format: 'strongSwan profile (.sswan)', problems: [] },
    {
      name: 'legacy.conf',
      format: 'swanctl.conf',
      problems: [
        {
          level: 'warning',
          where: 'connections.legacy.proposals',
          problem: 'Triple DES and MODP-1024 are no longer safe and are left out',
          advice: 'The gateway must accept one of: aes256-sha256-modp2048.',
        },
        {
          level: 'note',
          where: 'connections.legacy.children.net.updown',
          problem: 'The script /etc/swanctl/updown.sh is not run',
          advice: 'Culvert sets addresses, routes and DNS by itself.',
        },
        {
          level: 'error',
          where: 'connections.old',
          problem: 'IKEv1 is asked for',
          advice: 'No profile is made of this connection. Ask the administrator for IKEv2.',
        },
      ],
    },
    {
      name: 'holiday.jpg',
      problems: [
        {
          level: 'error',
          where: '',
          problem: 'This is no profile that Culvert knows',
          advice: 'Choose a .sswan, swanctl.conf or Culvert profile.',
        },
      ],
    },
  ],
  profiles: [
    { profile: base, file: 'berlin.sswan', replaces: false, brings: ['key'], missing: ['password'] },
    {
      profile: {
        ...base,
        id: officeId,
        name: 'Legacy gateway',
        gateway: { address: '198.51.100.7', port: 500 },
        local: { authentication: { method: 'psk', secret: { from: 'prompt' } } },
        remote: { authentication: { method: 'psk', secret: { from: 'prompt' } } },
        traffic: { remote: ['0.0.0.0/0', '::/0'], local: [] },
      },
      file: 'legacy.conf',
      replaces: true,
      brings: [],
      missing: ['psk', 'gateway-psk'],
    },
  ],
}

export const emptyImport: ImportPreview = {
  id: 8,
  files: [
    {
      name: 'holiday.jpg',
      problems: [
        {
          level: 'error',
          where: '',
          problem: 'This is no profile that Culvert knows',
          advice: 'Choose a .sswan, swanctl.conf or Culvert profile.',
        },
      ],
    },
  ],
  profiles: [],
}

/** As a gateway's administrator gives it to everybody: without a name. */
export const namelessImport: ImportPreview = {
  id: 9,
  files: [
    {
      name: 'no-user.sswan',
      format: 'strongSwan profile (.sswan)',
      problems: [
        {
          level: 'error',
          where: 'local',
          problem: 'The file names no user',
          advice: 'Import it with your name: --username NAME.',
        },
      ],
    },
  ],
  profiles: [],
}

/** Culvert's own, with secrets: a password opens it. */
export const lockedImport: ImportPreview = {
  id: 10,
  files: [
    {
      name: 'head-office.culvert.json',
      format: 'Culvert profiles under a password',
      needsPassword: true,
      problems: [
        {
          level: 'error',
          where: 'head-office.culvert.json',
          problem: 'The file is protected by a password',
          advice: 'Import it again and give the password.',
        },
      ],
    },
  ],
  profiles: [],
}
