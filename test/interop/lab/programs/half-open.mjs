// Sends IKE_SA_INIT requests (RFC 7296 section 1.2) and never goes on: the gateway then has half-open IKE SAs, and asks
// everyone for a cookie (section 2.6). Argument: { target, count, proposal: "gcm-ecp384" | "gcm-x25519" }.
import { createSocket } from 'node:dgram'
import { createECDH, generateKeyPairSync, randomBytes } from 'node:crypto'

const { target, count, group } = JSON.parse(process.argv[2])
const u16 = (value) => Buffer.from([value >> 8, value & 0xff])
const payload = (next, body) => Buffer.concat([Buffer.from([next, 0]), u16(body.length + 4), body])
const transform = (last, type, id, attribute = Buffer.alloc(0)) =>
  Buffer.concat([
    Buffer.from([last ? 0 : 3, 0]),
    u16(8 + attribute.length),
    Buffer.from([type, 0]),
    u16(id),
    attribute,
  ])

const keyExchange = () => {
  if (group === 31) {
    return generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  }
  const ecdh = createECDH('secp384r1')
  return ecdh.generateKeys().subarray(1)
}

const message = () => {
  const transforms = [
    transform(false, 1, 20, Buffer.from([0x80, 14, 1, 0])), // AES-GCM-16, 256 bits
    transform(false, 2, 6), // PRF HMAC-SHA2-384
    transform(true, 4, group),
  ]
  const body = Buffer.concat(transforms)
  const proposal = Buffer.concat([Buffer.from([0, 0]), u16(8 + body.length), Buffer.from([1, 1, 0, 3]), body])
  const payloads = Buffer.concat([
    payload(34, proposal),
    payload(40, Buffer.concat([u16(group), u16(0), keyExchange()])),
    payload(0, randomBytes(32)),
  ])
  const header = Buffer.alloc(28)
  randomBytes(8).copy(header)
  header.set([33, 0x20, 34, 0x08], 16) // next payload SA, version 2.0, IKE_SA_INIT, initiator
  header.writeUInt32BE(28 + payloads.length, 24)
  return Buffer.concat([header, payloads])
}

const socket = createSocket('udp4')
let answers = 0
socket.on('message', () => {
  if (++answers < count) return
  process.stdout.write('ready\n')
  socket.close()
})
for (let index = 0; index < count; index++) socket.send(message(), 500, target)
setTimeout(() => process.exit(answers >= count ? 0 : 1), 3000).unref()
