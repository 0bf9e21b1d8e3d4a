// A person's programs inside the client's namespace: asked by JSON lines on standard input, answers likewise.
// { id, do: 'fetch', url, bytes? } { id, do: 'post', url, bytes } { id, do: 'resolve', name, family } { id, do: 'ping', address, count, size }
// { id, do: 'stream-start', address, everyMs } { id, do: 'stream-stop', settleMs }
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { get, request } from 'node:http'
import { createInterface } from 'node:readline'
import { spawn } from 'node:child_process'

const collect = (response) =>
  new Promise((resolve, reject) => {
    let bytes = 0
    let head = ''
    response.on('data', (chunk) => {
      bytes += chunk.length
      if (head.length < 200) head += chunk.toString('latin1').slice(0, 200)
    })
    response.once('end', () =>
      resolve({ status: response.statusCode, bytes, head, client: response.headers['x-client'] }),
    )
    response.once('error', reject)
  })

const fetchPage = ({ url, timeoutMs = 5000 }) =>
  new Promise((resolve, reject) => {
    const call = get(url, { agent: false }, (response) => collect(response).then(resolve, reject))
    call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer from ${url} within ${timeoutMs} ms`)))
    call.once('error', reject)
  })

const post = ({ url, bytes, timeoutMs = 5000 }) =>
  new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', agent: false }, (response) =>
      collect(response).then(resolve, reject),
    )
    call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer from ${url} within ${timeoutMs} ms`)))
    call.once('error', reject)
    call.end(Buffer.alloc(bytes, 'x'))
  })

const resolveName = async ({ name, family = 0 }) => ({
  addresses: (await lookup(name, { all: true, family })).map((a) => a.address),
})

const ping = ({ address, count = 1, size = 56, dontFragment = false }) =>
  new Promise((resolve, reject) => {
    const options = ['-n', '-c', String(count), '-i', '0.05', '-W', '2', '-s', String(size)]
    const child = spawn('ping', [...options, ...(dontFragment ? ['-M', 'do'] : []), address])
    let text = ''
    child.stdout.on('data', (chunk) => (text += chunk))
    child.stderr.on('data', (chunk) => (text += chunk))
    child.once('error', reject)
    child.once('close', (status) =>
      resolve({ status, received: Number(/(\d+) received/.exec(text)?.[1] ?? 0), text }),
    )
  })

// Numbered packets to the echo server, one every few milliseconds; each must come back exactly once.
let stream
const streamStart = ({ address, everyMs = 5, size = 200 }) => {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  const seen = new Map()
  let sent = 0
  socket.on('message', (message) => {
    const number = message.readUInt32BE(0)
    seen.set(number, (seen.get(number) ?? 0) + 1)
  })
  const errors = []
  socket.on('error', (error) => errors.push(error.message))
  const timer = setInterval(() => {
    const packet = Buffer.alloc(size)
    packet.writeUInt32BE(sent++, 0)
    socket.send(packet, 7, address, (error) => error && errors.push(error.message))
  }, everyMs)
  stream = { socket, seen, timer, errors, sent: () => sent }
  return {}
}
const streamStop = async ({ settleMs = 300 }) => {
  clearInterval(stream.timer)
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  const missing = []
  for (let number = 0; number < stream.sent(); number++) if (!stream.seen.has(number)) missing.push(number)
  const repeated = [...stream.seen.values()].filter((times) => times > 1).length
  stream.socket.close()
  return {
    sent: stream.sent(),
    received: stream.seen.size,
    missing,
    repeated,
    errors: [...new Set(stream.errors)],
  }
}

const actions = {
  fetch: fetchPage,
  post,
  resolve: resolveName,
  ping,
  'stream-start': streamStart,
  'stream-stop': streamStop,
}
createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const question = JSON.parse(line)
    let reply
    try {
      reply = { id: question.id, value: await actions[question.do](question) }
    } catch (error) {
      reply = { id: question.id, error: `${error.code ?? ''} ${error.message}`.trim() }
    }
    process.stdout.write(JSON.stringify(reply) + '\n')
  })
  .on('close', () => process.exit(0))
process.stdout.write('ready\n')
