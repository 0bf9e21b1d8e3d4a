/** FreeRADIUS beside the gateway, for EAP that strongSwan passes on: PEAP, and EAP-TTLS with a password inside as RADIUS knows it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Issued } from './certificates.ts'
import { findProgram } from './machine.ts'
import { start, until } from './processes.ts'
import type { Running } from './processes.ts'

export interface RadiusUser {
  readonly name: string
  readonly password: string
}

export interface RadiusSettings {
  readonly tls: '1.2' | '1.3'
  /** What it begins with. */
  readonly method: 'tls' | 'ttls' | 'peap'
  readonly certificate: Issued
  readonly clientAuthority: Issued
  readonly user: RadiusUser
}

/** Between the two of them, on loopback. */
export const radiusSecret = 'between gateway and radius, 51c0a7'

const configuration = (folder: string, { tls, method }: RadiusSettings): string => `
prefix = /usr
libdir = /usr/lib/freeradius
raddbdir = ${folder}
logdir = ${folder}
run_dir = ${folder}
name = freeradius
max_request_time = 30
cleanup_delay = 2
max_requests = 1024
hostname_lookups = no
log {
  destination = stdout
}
security {
  max_attributes = 200
  reject_delay = 0
  status_server = no
  allow_vulnerable_openssl = yes
}
proxy_requests = no
thread pool {
  start_servers = 1
  max_servers = 2
  min_spare_servers = 1
  max_spare_servers = 1
  max_requests_per_server = 0
}
modules {
  pap { }
  mschap {
    use_mppe = no
  }
  files {
    usersfile = ${folder}/users
  }
  eap {
    default_eap_type = ${method}
    timer_expire = 60
    ignore_unknown_eap_types = no
    max_sessions = 64
    tls-config tls-common {
      private_key_file = ${folder}/server.key
      certificate_file = ${folder}/server.pem
      ca_file = ${folder}/clients.pem
      auto_chain = no
      cipher_list = "DEFAULT"
      ecdh_curve = ""
      tls_min_version = "${tls}"
      tls_max_version = "${tls}"
      fragment_size = 1024
      include_length = yes
      cache {
        enable = no
      }
    }
    tls {
      tls = tls-common
    }
    ttls {
      tls = tls-common
      default_eap_type = mschapv2
      copy_request_to_tunnel = no
      use_tunneled_reply = no
      virtual_server = inner
    }
    peap {
      tls = tls-common
      default_eap_type = mschapv2
      copy_request_to_tunnel = no
      use_tunneled_reply = no
      virtual_server = inner
    }
    mschapv2 { }
    gtc {
      auth_type = PAP
    }
  }
}
client gateway {
  ipaddr = 127.0.0.1
  secret = "${radiusSecret}"
  require_message_authenticator = yes
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = 1812
  }
  authorize {
    eap {
      ok = return
    }
  }
  authenticate {
    eap
  }
}
server inner {
  authorize {
    eap {
      ok = return
    }
    files
    mschap
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
    Auth-Type MS-CHAP {
      mschap
    }
    eap
  }
}
`

/** Runs it in the namespace until it is stopped; resolves once it takes requests. */
export const startFreeradius = async (
  namespace: string,
  folder: string,
  settings: RadiusSettings,
): Promise<Running> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const write = (name: string, content: string): void =>
    writeFileSync(join(folder, name), content, { mode: 0o600 })
  const { certificate, clientAuthority, user } = settings
  write('radiusd.conf', configuration(folder, settings))
  write('server.key', certificate.keyPem)
  write('server.pem', [certificate, ...certificate.intermediates].map(({ pem }) => pem).join(''))
  write('clients.pem', clientAuthority.pem)
  write('users', `"${user.name}" Cleartext-Password := "${user.password}"\n`)
  const program = findProgram('freeradius') ?? 'freeradius'
  const running = start([program, '-X', '-d', folder, '-D', '/usr/share/freeradius'], { namespace })
  await until('FreeRADIUS to be ready', () =>
    running.lines.some((line) => line.startsWith('Ready to process requests')) ? true : undefined,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${[...running.lines.slice(-40), ...running.errors].join('\n')}`)
  })
  return running
}
