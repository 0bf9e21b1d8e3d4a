/** Serves one file over HTTP: `{ "address", "port", "file" }`. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const { address, port, file } = JSON.parse(process.argv[2])
createServer((_request, response) => response.end(readFileSync(file))).listen(port, address, () => {
  console.log('ready')
})
