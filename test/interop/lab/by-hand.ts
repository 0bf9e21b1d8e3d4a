/** Brings the lab up with the gateway of one scenario and keeps it: `node test/run-ts.mjs test/interop/lab/by-hand.ts psk`. */
import { join } from 'node:path'
import { scenarios } from '../scenarios/all.ts'
import { writeCulvertProfile } from './culvert-profile.ts'
import { strongswanClientConfiguration } from './defaults.ts'
import { openLab } from './lab.ts'
import { createStrongswan } from './strongswan.ts'

const say = (line: string): void => void process.stdout.write(line + '\n')
const [wanted = 'psk', other] = process.argv.slice(2)
const scenario = scenarios.find((one) => one.name === wanted)
if (scenario === undefined) {
  say(`No scenario is called ${wanted}. There are:\n${scenarios.map((one) => `  ${one.name}`).join('\n')}`)
  process.exit(64)
}
const lab = await openLab()
const ended = new Promise<void>((resolve) => {
  process.once('SIGINT', resolve)
  process.once('SIGTERM', resolve)
  process.once('SIGHUP', resolve)
})
try {
  await lab.prepare(scenario)
  const profile = await writeCulvertProfile(scenario, lab.pki, join(lab.folder, 'client'))
  const client = join(lab.folder, 'client')
  const inClient = `ip netns exec ${lab.network.client} env XDG_CONFIG_HOME=${client}/config XDG_DATA_HOME=${client}/data XDG_RUNTIME_DIR=${client}/run`
  const vici = `env SWANCTL_DIR=${lab.gateway.folder} STRONGSWAN_CONF=${lab.gateway.folder}/strongswan.conf swanctl`
  const socket = `--uri unix://${lab.gateway.folder}/vici.sock`
  say(
    `namespaces     ${lab.network.client} ${lab.network.router} ${lab.network.gateway} ${lab.network.office}`,
  )
  say(`profile        ${profile}`)
  say(`gateway log    ${join(lab.gateway.folder, 'charon.log')}`)
  say(`connect        ${inClient} node dist/cli.js up ${profile} --json`)
  say(`status         ${inClient} node dist/cli.js status --json`)
  say(
    `fetch          ip netns exec ${lab.network.client} curl -s http://intranet.office.test/   (10.20.0.10, fd00:20::10)`,
  )
  say(`gateway's SAs  ${vici} --list-sas ${socket}`)
  say(
    `gateway rekeys ${vici} --rekey --child office ${socket}    (or: --rekey --ike lab, --terminate --ike lab)`,
  )
  say(`capture        ip netns exec ${lab.network.router} tcpdump -ni lan udp`)
  if (other === 'with-strongswan') {
    const daemon = createStrongswan(lab.network.client, join(lab.folder, 'strongswan-client'))
    await daemon.configure(await strongswanClientConfiguration(scenario, lab.pki))
    const finished = await daemon.swanctl('--initiate', '--child', 'office', '--timeout', '10')
    say(
      `strongSwan as the client: ${finished.status === 0 ? 'connected' : finished.stdout + finished.stderr}`,
    )
    await ended
    await daemon.close()
  }
  say('The lab stands until Ctrl-C.')
  await ended
} finally {
  await lab.close()
}
