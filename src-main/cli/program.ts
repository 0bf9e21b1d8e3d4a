/** The commands and their options. Each command's code is loaded when it is called, so that the others cost nothing. */
import { Command, CommanderError } from 'commander'
import { VpnError } from '../../src-shared/errors.ts'
import type { Cli } from './context.ts'
import { exitCodeTable, exitCodes } from './exit-codes.ts'
import { failureOf, tellFailure } from './failure.ts'
import type { ManualOptions } from './manual.ts'

/** Runs the command line (without program and script) and gives the exit code. */
export async function runProgram(cli: Cli, version: string, argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.done.number
  /** An action whose promise gives the exit code. */
  const ends = (code: Promise<number>): Promise<void> =>
    code.then((value) => {
      exitCode = value
    })
  const program = build(cli, version, ends)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.done.number : exitCodes.usage.number
    }
    await logBug(cli, error)
    return tellFailure(cli.terminal, failureOf(error))
  }
}

type Ends = (code: Promise<number>) => Promise<void>

function build(cli: Cli, version: string, ends: Ends): Command {
  const program = new Command('culvert')
    .description('An IPsec VPN client: connects to IKEv2 gateways.')
    .version(version, '--version', 'say which version this is')
    .helpOption('-h, --help', 'say how to use it')
    .helpCommand(false)
    .showHelpAfterError('`culvert help` shows the commands.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => cli.terminal.out(text.trimEnd()),
      writeErr: (text) => cli.terminal.err(text.trimEnd()),
    })
  addProfileCommands(program, cli, ends)
  addCertificateCommands(program, cli, ends)
  addConnectionCommands(program, cli, ends)
  addMachineCommands(program, cli, ends)
  addPolicyCommands(program, cli, ends)
  program
    .command('help [topic]')
    .description('say how to use a command, or what the exit codes mean (exit-codes)')
    .action((topic: string | undefined) => help(program, cli, topic))
  for (const command of program.commands) command.exitOverride().configureOutput(program.configureOutput())
  return program
}

interface ImportFlags {
  dryRun?: boolean
  json?: boolean
  username?: string
  passwordFile?: string
}

interface ExportFlags {
  format?: string
  output?: string
  withSecrets?: boolean
  passwordFile?: string
}

function addProfileCommands(program: Command, cli: Cli, ends: Ends): void {
  program
    .command('import <file...>')
    .description(
      'add profiles of any program: files, zip archives or folders (docs/profile.md names the formats)',
    )
    .option('--dry-run', 'say what would happen, and change nothing')
    .option('--username <name>', 'your user name, where the file leaves it open')
    .option('--json', 'tell it as JSON')
    .option('--password-file <file>', 'what opens a protected file, one line; - is standard input')
    .action((files: string[], options: ImportFlags) =>
      ends(import('./import.ts').then(({ importProfiles }) => importProfiles(cli, files, options))),
    )
  program
    .command('export <name>')
    .description('write a profile for another program or machine, without its secrets')
    .option(
      '--format <format>',
      'culvert, sswan, mobileconfig, swanctl, nmconnection, profilexml, powershell or link',
      'culvert',
    )
    .option('--output <file>', 'write it there instead of to standard output')
    .option('--with-secrets', "with its secrets, under a password, in Culvert's own format")
    .option('--password-file <file>', 'that password, one line; - is standard input')
    .action((name: string, options: ExportFlags) =>
      ends(import('./export.ts').then(({ exportNamed }) => exportNamed(cli, name, options))),
    )
  program
    .command('list')
    .description('show the profiles')
    .option('--json', 'tell it as JSON')
    .action((options: { json?: boolean }) =>
      ends(import('./list.ts').then(({ listProfiles }) => listProfiles(cli, options))),
    )
  program
    .command('show <name>')
    .description('show one profile')
    .option('--json', 'as it is stored')
    .action((name: string, options: { json?: boolean }) =>
      ends(import('./show.ts').then(({ showProfile }) => showProfile(cli, name, options))),
    )
  program
    .command('remove <name>')
    .description('forget a profile and its secrets')
    .action((name: string) =>
      ends(import('./remove.ts').then(({ removeProfile }) => removeProfile(cli, name))),
    )
}

function addCertificateCommands(program: Command, cli: Cli, ends: Ends): void {
  const certificates = program
    .command('certificates')
    .description('certificates that are kept apart from profiles: yours, and those you trust')
  certificates
    .command('list', { isDefault: true })
    .description('show them, and which end soon')
    .option('--json', 'tell it as JSON')
    .action((options: { json?: boolean }) =>
      ends(import('./certificates.ts').then(({ listCertificates }) => listCertificates(cli, options))),
    )
  certificates
    .command('show <name>')
    .description('show one, by name, id or fingerprint')
    .option('--json', 'tell it as JSON')
    .action((name: string, options: { json?: boolean }) =>
      ends(import('./certificates.ts').then(({ showCertificate }) => showCertificate(cli, name, options))),
    )
  certificates
    .command('add <file...>')
    .description(
      'keep what is in PEM, DER, PKCS#7, PKCS#8 or PKCS#12 files; a certificate and its key together',
    )
    .option('--name <name>', 'what to call it')
    .option('--password-file <file>', 'what opens the files, one line; - is standard input')
    .action((files: string[], options: { name?: string; passwordFile?: string }) =>
      ends(import('./certificates.ts').then(({ addCertificates }) => addCertificates(cli, files, options))),
    )
  certificates
    .command('tokens')
    .description('show the certificates on smart cards and other tokens (PKCS#11)')
    .action(() =>
      ends(import('./certificates.ts').then(({ listTokenCertificates }) => listTokenCertificates(cli))),
    )
  certificates
    .command('remove <name>')
    .description('forget one and its private key')
    .option('--force', 'also when a profile uses it')
    .action((name: string, options: { force?: boolean }) =>
      ends(
        import('./certificates.ts').then(({ removeCertificate }) => removeCertificate(cli, name, options)),
      ),
    )
  for (const command of certificates.commands)
    command.exitOverride().configureOutput(program.configureOutput())
}

interface UpFlags {
  detach?: boolean
  json?: boolean
  username?: string
  killSwitch?: boolean
  exportKeys?: string
  passwordFile?: string
  p12PasswordFile?: string
  pskFile?: string
}

function addConnectionCommands(program: Command, cli: Cli, ends: Ends): void {
  program
    .command('up <profile>')
    .description('connect, by a name or a profile file; Ctrl-C disconnects')
    .option('--detach', 'return once connected')
    .option('--json', 'one JSON object a line for every change of state')
    .option('--password-file <file>', 'your password, one line; - is standard input')
    .option(
      '--p12-password-file <file>',
      "the password of your certificate's file or key; - is standard input",
    )
    .option('--psk-file <file>', 'the pre-shared key, one line; - is standard input')
    .option('--username <name>', 'your user name, where a profile file leaves it open')
    .option('--kill-switch', 'let nothing leave this machine beside the tunnel')
    .option('--export-keys <directory>', 'write the session keys there, for Wireshark')
    .action((profile: string, options: UpFlags) =>
      ends(import('./up.ts').then(({ connect }) => connect(cli, profile, options))),
    )
  program
    .command('down [name]')
    .description('disconnect from one profile, or from all')
    .action((name: string | undefined) =>
      ends(import('./down.ts').then(({ disconnect }) => disconnect(cli, name))),
    )
  program
    .command('release')
    .description('let out what the kill switch holds')
    .action(() => ends(import('./release.ts').then(({ releaseKillSwitch }) => releaseKillSwitch(cli))))
  program
    .command('status')
    .description('show the connections')
    .option('--json', 'tell it as JSON')
    .action((options: { json?: boolean }) =>
      ends(import('./status.ts').then(({ showStatus }) => showStatus(cli, options))),
    )
  program
    .command('log')
    .description('show the log')
    .option('-f, --follow', 'go on with new lines until Ctrl-C')
    .option('--level <level>', 'from this level on: error, warn, info or debug')
    .option('--json', 'one JSON object a line')
    .action((options: { follow?: boolean; level?: string; json?: boolean }) =>
      ends(import('./log.ts').then(({ showLog }) => showLog(cli, options))),
    )
  program
    .command('background', { hidden: true })
    .action(() => ends(import('./background.ts').then(({ runInBackground }) => runInBackground(cli))))
}

function addMachineCommands(program: Command, cli: Cli, ends: Ends): void {
  program
    .command('gateway')
    .description("run Culvert's own small gateway until Ctrl-C")
    .requiredOption('--config <file>', 'its configuration, JSON')
    .option('--json', 'one JSON object a line for everyone who comes and goes')
    .action((options: { config: string; json?: boolean }) =>
      ends(import('./gateway.ts').then(({ serveGateway }) => serveGateway(cli, options, cli.runGateway))),
    )
  program
    .command('manual <file>')
    .description("run SAs and policies with keys by hand, in iproute2's words, until Ctrl-C")
    .option('--interface <name>', 'send and receive on this interface alone')
    .option('--mtu <bytes>', 'what the path takes; 1500 unless told otherwise')
    .option('--allow-counter-modes', 'take ciphers that need automatic keys, for tests that protect nothing')
    .option('--json', 'one JSON object a line')
    .action((file: string, options: ManualOptions) =>
      ends(
        import('./manual.ts').then(({ runManualKeys }) => runManualKeys(cli, file, options, cli.runManual)),
      ),
    )
  program
    .command('doctor [gateway]')
    .description('check this machine, and the way to a gateway')
    .option('--json', 'tell it as JSON')
    .action((gateway: string | undefined, options: { json?: boolean }) =>
      ends(import('./doctor.ts').then(({ examine }) => examine(cli, gateway, options, cli.checks))),
    )
}

interface ExplainFlags {
  policy?: string
  src?: string
  dst?: string
  proto?: string
  sport?: string
  dport?: string
  icmp?: string
  direction?: string
  json?: boolean
}

function addPolicyCommands(program: Command, cli: Cli, ends: Ends): void {
  const policy = program
    .command('policy')
    .description('say what security policies mean (docs/policy.md): check FILE, explain, mirror FILE')
  policy
    .command('check <file>')
    .description('say what is wrong in a policy file, or probably not meant')
    .option('--json', 'tell it as JSON')
    .action((file: string, options: { json?: boolean }) =>
      ends(import('./policy.ts').then(({ checkPolicies }) => checkPolicies(cli, file, options))),
    )
  policy
    .command('mirror <file>')
    .description('write what the other end has to be told, as lines for ip xfrm')
    .option('--output <file>', 'a new file, for you alone; needed where there are keys')
    .action((file: string, options: { output?: string }) =>
      ends(import('./policy-mirror.ts').then(({ mirrorPolicies }) => mirrorPolicies(cli, file, options))),
    )
  policy
    .command('explain')
    .description('say which entry a packet meets and why; without --policy, of the running connections')
    .option('--policy <file>', "a policy file, in Culvert's words or those of ip xfrm")
    .option('--src <address>', 'where the packet comes from')
    .option('--dst <address>', 'where it goes to')
    .option('--proto <protocol>', 'its protocol: tcp, udp, icmp, gre, … or a number')
    .option('--sport <port>', 'its source port')
    .option('--dport <port>', 'its destination port')
    .option('--icmp <type>', 'its ICMP type and code, such as 8 or 3/4')
    .option('--direction <direction>', 'out, in or forward', 'out')
    .option('--json', 'tell it as JSON')
    .action((options: ExplainFlags) =>
      ends(import('./policy.ts').then(({ explainPolicy }) => explainPolicy(cli, options))),
    )
}

function help(program: Command, cli: Cli, topic: string | undefined): void {
  if (topic === undefined) {
    program.outputHelp()
    return
  }
  if (topic === 'exit-codes') {
    cli.terminal.out(`Exit codes:\n${exitCodeTable()}`)
    return
  }
  const command = program.commands.find((known) => known.name() === topic)
  if (command === undefined) throw new VpnError('usage', { problem: `There is no command called ${topic}.` })
  command.outputHelp()
}

/** What nobody expected goes to the log with its stack: the person sees one sentence. */
async function logBug(cli: Cli, error: unknown): Promise<void> {
  if (error instanceof VpnError) return
  const { openLog } = await import('./open-log.ts')
  const log = openLog(cli)
  log.log('error', 'cli', 'An error that nobody expected', {
    stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
  log.close()
}
