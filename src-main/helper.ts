#!/usr/bin/env node
/** The privileged helper's entry: wiring only. Runs as root, as a child of the client; see docs/architecture.md. */
import { writeSync } from 'node:fs'
import { openFirewall } from './host/helper/firewall.ts'
import { journalFolder } from './host/helper/journal.ts'
import type { Response } from './host/helper/protocol.ts'
import { serve } from './host/helper/serve.ts'
import { clearAbandoned, createTunnels, type TunnelsContext } from './host/helper/tunnels.ts'
import { readMachine } from './host/linux/machine.ts'

// Ctrl-C reaches the client's whole process group; the client decides, and the end of our input tells.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const) process.on(signal, () => undefined)

const say = (response: Response): void => {
  try {
    writeSync(1, `${JSON.stringify(response)}\n`)
  } catch {
    // The client is gone; its end of our input says so as well, and then everything is undone.
  }
}

/** pkexec says for whom it acts; without it we are that user ourselves. Never the client's word. */
const clientUid = (): number => Number(process.env['PKEXEC_UID'] ?? process.getuid?.() ?? 0)

const context: TunnelsContext = {
  journalFolder: journalFolder(),
  uid: clientUid(),
  readMachine,
  report: (level, message, details) => say({ say: 'log', level, message, details: { ...details } }),
}

await clearAbandoned(context)
await serve(process.stdin, say, createTunnels(context), await openFirewall(context.journalFolder))
