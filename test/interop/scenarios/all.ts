/** Every scenario, in the order in which they run. */
import type { Scenario } from '../lab/scenario.ts'
import { authentication } from './authentication.ts'

export const scenarios: readonly Scenario[] = [...authentication]
