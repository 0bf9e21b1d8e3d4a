/** All English words: one file a view, its name is the first part of each key. */
import { certificates } from './certificates.ts'
import { connect } from './connect.ts'
import { editor } from './editor.ts'
import { exporting } from './export.ts'
import { exchange } from './exchange.ts'
import { firstRun } from './first-run.ts'
import { importing } from './import.ts'
import { failure } from './failure.ts'
import { help } from './help.ts'
import { log } from './log.ts'
import { network } from './network.ts'
import { notices } from './notices.ts'
import { palette } from './palette.ts'
import { profiles } from './profiles.ts'
import { proposals } from './proposals.ts'
import { question } from './question.ts'
import { settings } from './settings.ts'
import { shell } from './shell.ts'
import { state } from './state.ts'
import { status } from './status.ts'
import { ui } from './ui.ts'

export const en = {
  certificates,
  connect,
  editor,
  exchange,
  exporting,
  firstRun,
  importing,
  ...failure,
  help,
  log,
  network,
  notices,
  palette,
  profiles,
  proposals,
  question,
  settings,
  shell,
  ...state,
  status,
  ui,
}
