/**
 * A session with one other end: its ISAKMP SA, the ones that replace it, and the ESP SAs under them, which outlive any one of
 * them (RFC 2409 section 2). The order of a connection is phase 1, XAUTH, Mode Config, quick mode.
 */
import type { EspSpi, IkeSpi, Millis } from '../../../src-shared/brands.ts'
import { ikeSpi, millis } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import { selectorsCover } from '../../ip/traffic-selector.ts'
import type { ChildSa, Effect } from '../child-sa.ts'
import type { IkeHeader } from '../header.ts'
import { readIkeHeader } from '../header.ts'
import { Exchange, Notification } from './code-points.ts'
import type { ExchangePorts, IsakmpSa, SessionConfiguration } from './configuration.ts'
import type { Conversation } from './conversation.ts'
import { aggressiveMode } from './exchanges/aggressive.ts'
import {
  areYouThere,
  deleteEspSa,
  deleteIsakmpSa,
  iAmThere,
  inform,
  notification,
  readInformation,
} from './exchanges/informational.ts'
import type { Information } from './exchanges/informational.ts'
import { mainMode } from './exchanges/main.ts'
import type { AgreedChild } from './exchanges/quick.ts'
import { quickMode } from './exchanges/quick.ts'
import { answerQuickMode } from './exchanges/quick-responder.ts'
import { answerTransaction } from './exchanges/transaction.ts'
import { isGenuine } from './hashes.ts'
import { phase2Iv, prfOf, wipeKeys } from './keys.ts'
import type { Message } from './message.ts'
import { Peer } from './peer.ts'
