import { callOrTell } from '../commands.ts'
import { useCurrent } from '../stores/connection.ts'
import { actionFor } from '../views/connect/look.ts'

/** The one control: connects, cancels or disconnects what the window is about. */
export function useToggle() {
  const current = useCurrent()
  const toggle = async (): Promise<void> => {
    const { profileId } = current
    if (profileId === undefined) return
    switch (actionFor(current.status?.state)) {
      case 'connect':
        await callOrTell('connect', { profileId })
        return
      case 'cancel':
      case 'disconnect':
        await callOrTell('disconnect', { profileId })
        return
      case 'wait':
    }
  }
  return { toggle }
}
