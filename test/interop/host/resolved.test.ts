/**
 * DNS through a real systemd-resolved, with a bus of its own, inside a network, mount and process namespace. The package is
 * only unpacked, never installed: installing it would take over this machine's /etc/resolv.conf.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeNamespace, sh, type Namespace } from './namespaces.ts'
import { buildPrograms, removePrograms, startClient, type Program } from './program.ts'

/** Mounts what resolved and a bus need, starts both, then becomes the program in its arguments. */
const script = (tree: string): string => `set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/dbus /run/systemd/resolve
(cat /etc/passwd; echo 'systemd-resolve:x:991:991::/:/usr/sbin/nologin') > /run/passwd
(cat /etc/group; echo 'systemd-resolve:x:991:') > /run/group
echo 'nameserver 127.0.0.53' > /run/resolv.conf
mount --bind /run/passwd /etc/passwd
mount --bind /run/group /etc/group
mount --bind /run/resolv.conf /etc/resolv.conf
mount -t overlay overlay -o lowerdir=${tree}/usr/bin:/usr/bin /usr/bin
chown systemd-resolve: /run/systemd/resolve
cat > /run/bus.conf <<'END'
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
END
dbus-daemon --config-file=/run/bus.conf --nofork --nopidfile 2>/dev/null &
${tree}/lib/systemd/systemd-resolved 2>/dev/null &
for attempt in $(seq 50); do resolvectl status >/dev/null 2>&1 && break; sleep 0.1; done
"$@"
`

const isRoot = process.getuid?.() === 0
/** Where the package is unpacked; undefined when it cannot be had. */
const unpack = (folder: string): string | undefined => {
  if (existsSync('/lib/systemd/systemd-resolved')) return '/'
  try {
    sh(
      'sh',
      '-c',
      `cd ${folder} && { apt-get -q download systemd-resolved || { apt-get -q update && apt-get -q download systemd-resolved; }; } && dpkg -x systemd-resolved*.deb tree`,
    )
    return readdirSync(folder).includes('tree') ? join(folder, 'tree') : undefined
  } catch {
    return undefined
  }
}
const folder = isRoot ? mkdtempSync(join(tmpdir(), 'culvert-resolved-')) : ''
const tree = isRoot && existsSync('/usr/bin/dbus-daemon') ? unpack(folder) : undefined
if (tree === undefined && folder !== '') rmSync(folder, { recursive: true, force: true })
const reason = !isRoot
  ? ' (needs root)'
  : tree === undefined
    ? ' (needs dbus and the package systemd-resolved)'
    : ''

describe.skipIf(tree === undefined)(`DNS through systemd-resolved${reason}`, { timeout: 30_000 }, () => {
  let namespace: Namespace
  let program: Program
  let processId: string

  beforeAll(async () => {
    await buildPrograms()
    namespace = makeNamespace('resolved')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'inner.sh'), script(tree ?? ''))
    const wrap = [
      'unshare',
      '-p',
      '-f',
      '-m',
      '--mount-proc',
      '--kill-child',
      'bash',
      join(folder, 'inner.sh'),
    ]
    program = startClient(namespace, wrap)
    await program.tell({ do: 'changes' })
    processId = sh('pgrep', '-P', String(program.child.pid)).trim()
  })
  afterAll(() => {
    removePrograms()
    program.child.kill('SIGKILL')
    namespace.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  /** resolved's own word, from inside. */
  const resolvectl = (...words: string[]) =>
    sh(
      'nsenter',
      '-t',
      processId,
      '-m',
      '-n',
      '-p',
      'env',
      'SYSTEMD_COLORS=0',
      'timeout',
      '2',
      'resolvectl',
      ...words,
    )
  const configuration = {
    mtu: 1400,
    addresses: [{ address: '10.9.0.2', length: 32 }],
    routes: [{ address: '10.0.0.0', length: 8 }],
    outside: { gateway: '198.51.100.1', localPort: 45_001 },
    dns: { servers: ['10.0.0.53'], domains: ['corp.example'] },
  }

  it('splits by domain, takes everything when there is none, and forgets all of it afterwards', async () => {
    await program.open(configuration)
    const split = resolvectl('status', 'culvert0')
    expect(split).toMatch(/DNS Servers: 10\.0\.0\.53/)
    expect(split).toMatch(/DNS Domain: ~corp\.example/)
    expect(split).toMatch(/-DefaultRoute/)

    await program.tell({ do: 'packets' })
    // Nobody answers; that the question travels into the tunnel is what counts.
    expect(() => resolvectl('query', '--legend=no', 'intranet.corp.example')).toThrow()
    const asked = ((await program.tell({ do: 'packets' })) as string[]).map((hex) => Buffer.from(hex, 'hex'))
    expect(asked.some((packet) => packet.includes('intranet\u0004corp\u0007example'))).toBe(true)
    expect(() => resolvectl('query', '--legend=no', 'elsewhere.test')).toThrow()
    const others = ((await program.tell({ do: 'packets' })) as string[]).map((hex) => Buffer.from(hex, 'hex'))
    expect(others.some((packet) => packet.includes('elsewhere'))).toBe(false)

    await program.tell({
      do: 'reconfigure',
      configuration: { ...configuration, dns: { servers: ['10.0.0.54'], domains: [] } },
    })
    const everything = resolvectl('status', 'culvert0')
    expect(everything).toMatch(/DNS Servers: 10\.0\.0\.54/)
    expect(everything).toMatch(/DNS Domain: ~\./)
    expect(everything).toMatch(/\+DefaultRoute/)

    const { dns: _dns, ...without } = configuration
    await program.tell({ do: 'reconfigure', configuration: without })
    expect(resolvectl('status', 'culvert0')).not.toMatch(/DNS Servers|DNS Domain/)
    await program.tell({ do: 'close', at: 0 })
    expect(resolvectl('status')).not.toContain('culvert0')
    expect(sh('nsenter', '-t', processId, '-m', 'cat', '/etc/resolv.conf')).toBe('nameserver 127.0.0.53\n')
  })
})
