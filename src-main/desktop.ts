/** The desktop app's entry: wiring only. */
import { start } from './desktop/start.ts'

start(import.meta.dirname)
