/** The office: a web server and a DNS server that are reachable from behind the gateway only. */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import { places } from './places.ts'

const page = (visitor: string): string =>
  [
    '<!doctype html>',
    '<title>Intranet</title>',
    `<h1>Welcome to the intranet</h1>`,
    `<p>You came as ${visitor}.</p>`,
    '',
  ].join('\n')

/** Says `ready` on standard output once both listen; ends when standard input does. */
export async function runOffice(): Promise<void> {
  const { address } = places.office
  const web = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(page(request.socket.remoteAddress ?? '?'))
  })
  const dns = createSocket('udp4')
  dns.on('message', (query, from) => {
    const answer = answerTo(query)
    if (answer !== undefined) dns.send(answer, from.port, from.address)
  })
  await Promise.all([
    new Promise<void>((resolve, reject) => web.once('error', reject).listen(80, address, () => resolve())),
    new Promise<void>((resolve, reject) => dns.once('error', reject).bind(53, address, () => resolve())),
  ])
  process.stdout.write('{"kind":"ready"}\n')
  await new Promise((resolve) => process.stdin.resume().once('end', resolve))
  dns.close()
  web.close()
  web.closeAllConnections()
}

const A = 1
const headerLength = 12

/** RFC 1035 section 4: the header, the question as it came, and perhaps an answer that points back to its name. */
function answerTo(query: Buffer): Buffer | undefined {
  if (query.length < headerLength + 5) return undefined
  const labels: string[] = []
  let at = headerLength
  for (let length = query[at] ?? 0; length !== 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const end = at + 5
  if (query.length < end) return undefined
  const isOurs = labels.join('.').toLowerCase() === places.office.name
  const data = Buffer.from(places.office.address.split('.').map(Number))
  const record =
    isOurs && query.readUInt16BE(at + 1) === A
      ? [Buffer.from([0xc0, headerLength, 0, A, 0, 1, 0, 0, 0, 60, 0, data.length]), data]
      : []
  const header = Buffer.alloc(headerLength)
  header.writeUInt16BE(query.readUInt16BE(0), 0)
  // An authoritative answer; response code 3 says that there is no such name.
  header.writeUInt16BE(0x8580 | (isOurs ? 0 : 3), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(record.length === 0 ? 0 : 1, 6)
  return Buffer.concat([header, query.subarray(headerLength, end), ...record])
}
