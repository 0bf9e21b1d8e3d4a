/** What the client's machine does once it is connected, like any program: asks the system's resolver, fetches a page. */
import { lookup } from 'node:dns/promises'
import { get } from 'node:http'

/** One JSON line on standard output. */
export async function runVisit(host: string): Promise<void> {
  const began = performance.now()
  const { address } = await lookup(host, { family: 4 })
  const resolvedMs = performance.now() - began
  const fetchBegan = performance.now()
  const { status, body } = await fetchPage(address, host)
  const fetchedMs = performance.now() - fetchBegan
  const text = /<p>(.*)<\/p>/.exec(body)?.[1] ?? ''
  process.stdout.write(
    `${JSON.stringify({ address, resolvedMs, status, bytes: body.length, text, fetchedMs })}\n`,
  )
}

const patienceMs = 5_000

function fetchPage(
  address: string,
  host: string,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const request = get({ host: address, headers: { host }, timeout: patienceMs }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (body += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    request.on('timeout', () => request.destroy(new Error('the page did not come')))
    request.on('error', reject)
  })
}
