/** Puts back the two fields of a struct msghdr that the kernel overwrites with what it used: lengths of name and control data. */
export const restoreMessage = (
  view: DataView,
  message: number,
  nameLength: number,
  controlLength: number,
): void => {
  view.setUint32(message + 8, nameLength, true)
  view.setUint32(message + 40, controlLength, true)
}
