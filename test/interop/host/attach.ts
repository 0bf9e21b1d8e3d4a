import { openTun, TunTapError } from '../../../tun-tap/src/index.ts'

try {
  const tun = openTun({ name: process.argv[2] ?? '' })
  process.stdout.write(`${tun.name}\n`)
  tun.close()
} catch (error) {
  process.stdout.write(
    `${error instanceof TunTapError ? `${error.operation} ${error.code}` : String(error)}\n`,
  )
}
