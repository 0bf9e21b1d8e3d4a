/**
 * One end of a tunnel between two namespaces with keys that both know, for measuring the data plane without IKE:
 * `end.ts NAME LOCAL REMOTE PLANE`. PLANE is `portable`, or the fast plane's providers: `ipsec-mb`, `libcrypto`, `node`.
 * Ends at `quit` or when its standard input closes; any other line there is answered by the plane's statistics.
 */
import { createInterface } from 'node:readline'
import { espSpi } from '../../../src-shared/brands.ts'
import type { EspSuite } from '../../../src-shared/algorithms.ts'
import { createClock } from '../../../src-main/host/clock.ts'
import { createPacketCrypto } from '../../../src-main/host/crypto/packet-crypto.ts'
import { providerNames } from '../../../src-main/host/fast/crypto/provider.ts'
import { openFastDataPlane } from '../../../src-main/host/fast/fast-data-plane.ts'
import { openHostTun } from '../../../src-main/host/linux/tun.ts'
import { createDatagrams } from '../../../src-main/host/udp.ts'
import { createPortableDataPlane } from '../../../src-main/ipsec/portable-data-plane.ts'
import { keysFor, selectorsOf } from '../../contracts/data-plane.contract.ts'

const [name = '', local = '', remote = '', wanted = 'ipsec-mb', workerPath = ''] = process.argv.slice(2)
const suite: EspSuite = { encryption: 'aes-gcm-16', keyBits: 256, extendedSequenceNumbers: true }
const clock = createClock()
const shared = {
  clock,
  onIke: () => undefined,
  onEvent: (event: unknown) => process.stderr.write(`${JSON.stringify(event)}\n`),
}
const log = (...words: unknown[]): void => void process.stderr.write(`${JSON.stringify(words)}\n`)
const provider = providerNames.find((one) => one === wanted)
const plane =
  provider === undefined
    ? createPortableDataPlane({ ...shared, packetCrypto: createPacketCrypto() })
    : await openFastDataPlane({
        ...shared,
        log,
        workerPath,
        providers: [provider],
        burst: Number(process.env['BURST'] ?? 64),
        onStopped: log,
      })
const tun = openHostTun(name, log)
const socket = createDatagrams().open(remote.includes(':') ? 6 : 4, 4500)
plane.listen(socket, 'marked')
plane.useTun(tun)
const path = plane.addPath({
  socket,
  endpoint: { address: remote, port: 4500 },
  mtu: 1500,
  followPeer: false,
})
const everything = selectorsOf(['0.0.0.0/0', '::/0'])
const selectors = { local: everything, remote: everything }
const spiOf = (address: string): number => 0x1000 + Number(address.split(/[.:]/).at(-1))
plane.installInbound({
  spi: espSpi(spiOf(local)),
  suite,
  keys: keysFor(suite, spiOf(local)),
  selectors,
  path,
  replayWindow: 1024,
})
plane.installOutbound({
  spi: espSpi(spiOf(remote)),
  suite,
  keys: keysFor(suite, spiOf(remote)),
  selectors,
  path,
})
process.stdout.write('ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'quit') break
  process.stdout.write(
    `${JSON.stringify({ ...plane.statistics(), cpu: process.cpuUsage(), memory: process.memoryUsage.rss() })}\n`,
  )
}
plane.close()
tun.close()
socket.close()
