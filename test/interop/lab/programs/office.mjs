// The office's servers, or the router's resolver: HTTP, DNS and UDP echo, for tests only.
// Arguments: one JSON object { http: [address…], dns: [address…], echo: [address…], names: { name: [address…] } }.
import { createServer } from 'node:http'
import { createSocket } from 'node:dgram'

const options = JSON.parse(process.argv[2] ?? '{}')
const ready = []
const familyOf = (address) => (address.includes(':') ? 'udp6' : 'udp4')

const bind = (address, port, onMessage) =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: familyOf(address), ipv6Only: address.includes(':') })
    socket.once('error', reject)
    socket.on('message', (message, from) => onMessage(socket, message, from))
    socket.bind(port, address, () => resolve(socket))
  })

for (const address of options.http ?? []) {
  const server = createServer((request, response) => {
    const size = Number(new URL(request.url ?? '/', 'http://office').searchParams.get('size') ?? 0)
    const headers = { 'content-type': 'text/plain', 'x-client': request.socket.remoteAddress ?? '' }
    if (request.method === 'POST') {
      let bytes = 0
      request.on('data', (chunk) => (bytes += chunk.length))
      request.on('end', () => response.writeHead(200, headers).end(`received ${bytes}`))
      return
    }
    response.writeHead(200, headers).end(size > 0 ? Buffer.alloc(size, 'culvert ') : 'the intranet page\n')
  })
  ready.push(new Promise((resolve, reject) => server.once('error', reject).listen(80, address, resolve)))
}

// RFC 1035 section 4: header, the question as it came, and answers that point back to its name.
const answer = (query) => {
  if (query.length < 12) return undefined
  let at = 12
  const labels = []
  for (let length = query[at]; length; length = query[at]) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const end = at + 5
  if (query.length < end) return undefined
  const type = query.readUInt16BE(at + 1)
  const name = labels.join('.').toLowerCase()
  const known = options.names?.[name]
  const records = (known ?? []).flatMap((address) => {
    const data = address.includes(':') ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number))
    if (type !== (data.length === 16 ? 28 : 1)) return []
    const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 5, 0, data.length])
    return [Buffer.concat([head, data])]
  })
  const header = Buffer.alloc(12)
  header.writeUInt16BE(query.readUInt16BE(0), 0)
  header.writeUInt16BE(0x8580 | (known ? 0 : 3), 2) // RCODE 3: no such name
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(records.length, 6)
  return Buffer.concat([header, query.subarray(12, end), ...records])
}

const ipv6Bytes = (address) => {
  const [head = '', tail = ''] = address.split('::')
  const words = (text) => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)))
  const front = words(head)
  const back = words(tail)
  const all = [...front, ...Array(8 - front.length - back.length).fill(0), ...back]
  const bytes = Buffer.alloc(16)
  all.forEach((word, index) => bytes.writeUInt16BE(word, index * 2))
  return bytes
}

for (const address of options.dns ?? []) {
  ready.push(
    bind(address, 53, (socket, message, from) => {
      const reply = answer(message)
      if (reply) socket.send(reply, from.port, from.address)
    }),
  )
}

for (const address of options.echo ?? []) {
  ready.push(bind(address, 7, (socket, message, from) => socket.send(message, from.port, from.address)))
}

await Promise.all(ready)
process.stdout.write('ready\n')
