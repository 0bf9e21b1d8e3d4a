/** Every scenario, in the order in which they run. */
import type { Scenario } from '../lab/scenario.ts'
import { addressing, initiation } from './addresses.ts'
import { algorithms } from './algorithms.ts'
import { authentication } from './authentication.ts'
import { eapWithinTls } from './eap.ts'
import { failures } from './failures.ts'
import { ikev1 } from './ikev1.ts'
import { imports } from './imports.ts'
import { endings, rekeying } from './lifecycle.ts'
import { paths } from './paths.ts'
import { suites } from './suites.ts'

export const scenarios: readonly Scenario[] = [
  ...authentication,
  ...addressing,
  ...initiation,
  ...algorithms,
  ...suites,
  ...rekeying,
  ...failures,
  ...eapWithinTls,
  ...paths,
  ...imports,
  ...ikev1,
  ...endings,
]
