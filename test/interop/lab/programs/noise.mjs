/**
 * A machine's other programs: until it is ended it sends, ten times a second, all that must not leave a machine with a kill switch.
 * argv[2]: JSON { udp: [{ address, port, from? }], tcp: [{ address, port }] }; `from` is the local port.
 */
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

const { udp, tcp } = JSON.parse(process.argv[2] ?? '{}')
const nothing = () => undefined

const sockets = udp.map((target) => {
  const socket = createSocket(target.address.includes(':') ? 'udp6' : 'udp4')
  socket.on('error', nothing)
  socket.bind(target.from ?? 0)
  return { socket, target }
})

const beat = () => {
  for (const { socket, target } of sockets) socket.send('noise', target.port, target.address, nothing)
  for (const { address, port } of tcp) {
    const attempt = connect({ host: address, port, timeout: 500 })
    attempt.on('error', nothing)
    attempt.on('connect', () => attempt.destroy())
    attempt.on('timeout', () => attempt.destroy())
  }
}
setInterval(beat, 100)
setTimeout(() => process.stdout.write('ready\n'), 200)
