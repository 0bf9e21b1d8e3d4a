'use strict'
// Opens the app whose folder is the first argument that is no option, as Electron's own default app does.
const { app } = require('electron')
const { readFileSync } = require('node:fs')
const { join, resolve } = require('node:path')

try {
  const at = process.argv.findIndex((argument, index) => index > 0 && !argument.startsWith('-'))
  if (at < 0) throw new Error('Which app? Give its folder.')
  const folder = resolve(process.argv[at])
  const { main, name, productName, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  process.defaultApp = true
  // As Electron does it: the app sees its own arguments behind its path.
  process.argv.splice(1, at, process.argv[at])
  app.setName(productName ?? name)
  app.setVersion(version ?? '0.0.0')
  app.setAppPath(folder)
  require(resolve(folder, main))
} catch (error) {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
}
