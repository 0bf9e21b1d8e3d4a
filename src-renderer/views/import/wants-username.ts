import type { ImportProblem } from '../../../src-shared/library.ts'

/** Whether a file lacks only the person's name: its advice then is the terminal's option for it. */
export const wantsUsername = ({ level, advice }: ImportProblem): boolean =>
  level === 'error' && advice.includes('--username')
