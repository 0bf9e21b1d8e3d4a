import type { ConnectionStatus, Question } from '../../../src-shared/status.ts'

/** The oldest question that waits for an answer here. */
export function firstQuestion(
  connections: readonly ConnectionStatus[],
): { readonly profileName: string; readonly question: Question } | undefined {
  return connections
    .flatMap(({ profileName, question, carriedBy }) =>
      question === undefined || carriedBy === 'another' ? [] : [{ profileName, question }],
    )
    .sort((a, b) => a.question.id - b.question.id)[0]
}
