// A poor path: takes datagrams on the given address and ports and passes them to the gateway's same ports, losing,
// delaying and so reordering some, from seeded randomness. Stands where a NAT would: each client flow gets a port of its own.
// Argument: { listen, target, ports: [500, 4500], seed, loss: 0..1, delayMs: [min, max], record }. With `record`, each
// datagram's time, direction, port, length and first bytes go to standard output as JSON.
import { createSocket } from 'node:dgram'

const options = JSON.parse(process.argv[2])
const type = options.listen.includes(':') ? 'udp6' : 'udp4'
const [minimum, maximum] = options.delayMs ?? [0, 0]

// mulberry32: small, seeded, good enough to choose which packet is lost.
let state = options.seed >>> 0
const random = () => {
  state = (state + 0x6d2b79f5) >>> 0
  let t = state
  t = Math.imul(t ^ (t >>> 15), t | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const counts = { passed: 0, lost: 0, late: 0 }
const pass = (send) => {
  if (random() < (options.loss ?? 0)) {
    counts.lost++
    return
  }
  counts.passed++
  const wait = minimum + random() * (maximum - minimum)
  if (wait < 1) send()
  else {
    counts.late++
    setTimeout(send, wait)
  }
}
const record = options.record
  ? (direction, port, data) =>
      process.stdout.write(
        JSON.stringify({
          atMs: performance.timeOrigin + performance.now(),
          direction,
          port,
          length: data.length,
          head: data.toString('hex', 0, 40),
        }) + '\n',
      )
  : () => undefined

for (const port of options.ports) {
  const flows = new Map()
  const front = createSocket(type)
  front.on('message', (data, from) => {
    record('out', port, data)
    const key = `${from.address} ${from.port}`
    let flow = flows.get(key)
    if (!flow) {
      flow = createSocket(type)
      flow.on('message', (reply) => {
        record('in', port, reply)
        pass(() => front.send(reply, from.port, from.address))
      })
      flow.on('error', () => undefined)
      flows.set(key, flow)
    }
    pass(() => flow.send(data, port, options.target))
  })
  await new Promise((resolve, reject) => front.once('error', reject).bind(port, options.listen, resolve))
}
process.stdin
  .on('end', () => process.exit(0))
  .on('data', () => process.stdout.write(JSON.stringify({ counts }) + '\n'))
process.stdout.write('ready\n')
