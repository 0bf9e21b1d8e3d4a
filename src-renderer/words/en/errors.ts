/** What the terminal says, but for what only a terminal can be told to do. */
import { because, terminalErrors, words, type ErrorTable } from '../../../src-shared/error-words.ts'

export const errorTable: ErrorTable = {
  ...terminalErrors,
  usage: (d) =>
    words(
      'culvert',
      d('problem', 'Culvert was asked for something it does not understand.'),
      'This is a bug. Please report it with the log.',
      'Report it',
    ),
  'profile-not-found': (d) =>
    words(
      'you',
      d('file', '') === ''
        ? `There is no profile called ${d('profile', 'that')}.`
        : `The file ${d('file', '')} cannot be read: ${d('problem', 'there is no such file')}.`,
      'Choose another profile, or import it again.',
      'Show profiles',
    ),
  'secret-missing': (d) =>
    words(
      'you',
      `${d('what', 'A password or key')} is needed and was not given.`,
      'Connect again and enter it when asked.',
      'Try again',
    ),
  'protocol-violation': (d) =>
    words(
      'administrator',
      `The gateway's answer breaks the protocol${because(d)}.`,
      'The connection was ended for safety. Save a report and send it to your administrator.',
      'Show log',
    ),
  'no-tun': (d) =>
    words(
      'you',
      `This machine has no TUN device to make the network adapter with${because(d)}.`,
      'Ask whoever looks after this machine to load the kernel module "tun".',
      'Try again',
    ),
  'no-privilege': (d) =>
    words(
      'you',
      `Culvert needs permission once to ${d('step', 'set up the network adapter')}${because(d)}.`,
      'Allow it when your system asks.',
      'Allow',
    ),
  'port-busy': (d) =>
    words(
      'you',
      `Another program uses UDP port ${d('port', '500 or 4500')}.`,
      'Stop the other VPN program, then try again.',
      'Try again',
    ),
  'host-step-failed': (d) =>
    words(
      'you',
      `This machine refused a step: ${d('step', 'a network setting could not be changed')}${because(d)}.`,
      'All was put back. The log says more.',
      'Show log',
    ),
  'already-running': (d) =>
    words(
      'you',
      `${d('profile', 'This profile')} is already connected or connecting.`,
      'Status shows it; disconnect it there or here.',
      'Show status',
    ),
  'not-running': (d) =>
    words(
      'you',
      d('profile', '') === '' ? 'Nothing is connected.' : `${d('profile', '')} is not connected.`,
      'Connect it when you need it.',
      'Connect',
    ),
  internal: (d) =>
    words(
      'culvert',
      `Something in Culvert itself went wrong${d('problem', '') === '' ? '' : `: ${d('problem', '')}`}.`,
      'This is a bug. Save a report from the log and send it to us.',
      'Show log',
    ),
}
