import { shallowRef, type ShallowRef } from 'vue'
import type { Slices } from '../../src-shared/contract.ts'
import { getBridge } from '../bridge.ts'

/** A read-only copy of a slice, from its first use on for as long as the window lives; undefined until the first snapshot. */
export function mirror<Name extends keyof Slices>(
  name: Name,
): { readonly value: ShallowRef<Slices[Name] | undefined> } {
  const value = shallowRef<Slices[Name] | undefined>()
  const bridge = getBridge()
  let heard = false
  bridge.subscribe(name, (next) => {
    heard = true
    value.value = next
  })
  // A value that was heard before the snapshot came is newer than it.
  void bridge.snapshot(name).then((first) => {
    if (!heard) value.value = first
  })
  return { value }
}
