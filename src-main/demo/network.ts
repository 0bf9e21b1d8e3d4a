/** Three network namespaces and two links, in a mount namespace of our own: nothing of it can be seen from outside. */
import { mkdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { run } from '../host/run.ts'
import { places } from './places.ts'

const quietMs = 10_000

/** A /run of our own, name service of our own. Everything here ends with this process. */
export async function makeGround(): Promise<void> {
  await run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run'], { timeoutMs: quietMs })
  mkdirSync('/run/netns')
  mkdirSync(places.folder, { mode: 0o700 })
  await replace(
    '/etc/resolv.conf',
    `# the client's own network\nnameserver ${places.localResolver}\noptions timeout:1 attempts:1\n`,
  )
  await replace('/etc/hosts', `127.0.0.1 localhost\n${places.gateway.address} ${places.gateway.name}\n`)
}

/** Puts another content over a file, in our mount namespace alone. */
async function replace(path: string, content: string): Promise<void> {
  const copy = `${places.folder}/${path.replaceAll('/', '-').slice(1)}`
  writeFileSync(copy, content, { mode: 0o644 })
  const target = throughLinks(path)
  // Where /run is the tmpfs, what the link names is not there any more.
  if (target.startsWith('/run/')) {
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, '')
  }
  await run(['mount', '--bind', copy, target], { timeoutMs: quietMs })
}

/** Where a path ends, also when nothing is there. */
function throughLinks(path: string): string {
  let at = path
  for (let hop = 0; hop < 16; hop += 1) {
    try {
      at = resolve(dirname(at), readlinkSync(at))
    } catch {
      // Not a link: this is the end.
      return at
    }
  }
  return at
}

export async function makeNetworks(): Promise<void> {
  const { client, gateway, office } = places
  const names = [client, gateway, office].map(({ namespace }) => namespace)
  const batch = (lines: readonly string[], ...options: readonly string[]): Promise<unknown> =>
    run(['ip', ...options, '-batch', '-'], { input: `${lines.join('\n')}\n`, timeoutMs: quietMs })
  await batch(names.map((name) => `netns add ${name}`))
  await batch([
    `link add internet netns ${client.namespace} type veth peer name internet netns ${gateway.namespace}`,
    `link add lan netns ${gateway.namespace} type veth peer name lan netns ${office.namespace}`,
  ])
  const attach = (device: string, address: string): readonly string[] => [
    `addr add ${address}/24 dev ${device}`,
    `link set ${device} up`,
  ]
  await Promise.all([
    batch(['link set lo up', ...attach('internet', client.address)], '-n', client.namespace),
    batch(
      ['link set lo up', ...attach('internet', gateway.address), ...attach('lan', gateway.inside)],
      '-n',
      gateway.namespace,
    ),
    batch(
      ['link set lo up', ...attach('lan', office.address), `route add default via ${gateway.inside}`],
      '-n',
      office.namespace,
    ),
  ])
}
