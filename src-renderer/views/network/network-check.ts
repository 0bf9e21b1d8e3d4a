/** The check that is being shown, from wherever it was asked for; app.vue shows the dialog. */
import { shallowRef } from 'vue'
import type { Failure } from '../../../src-shared/errors.ts'
import type { NetworkReport } from '../../../src-shared/network-report.ts'
import { call } from '../../commands.ts'

export type NetworkCheck =
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly report: NetworkReport }
  | { readonly kind: 'failed'; readonly failure: Failure }

export interface ShownCheck {
  /** Whose gateway is asked; undefined: only this machine is looked at. */
  readonly profileId: string | undefined
  readonly check: NetworkCheck
}

/** Undefined: no dialog. */
export const shownCheck = shallowRef<ShownCheck>()

/** Looks at this machine and at the way to the gateway of a profile. */
export async function checkNetwork(profileId: string | undefined): Promise<void> {
  const mine: ShownCheck = { profileId, check: { kind: 'running' } }
  shownCheck.value = mine
  const result = await call('checkNetwork', profileId === undefined ? {} : { profileId })
  // It was closed meanwhile, or begun anew.
  if (shownCheck.value !== mine) return
  shownCheck.value = {
    profileId,
    check: result.ok ? { kind: 'done', report: result.value } : { kind: 'failed', failure: result.error },
  }
}

export const closeCheck = (): void => {
  shownCheck.value = undefined
}
