export interface SelectOption<Value extends string = string> {
  readonly value: Value
  readonly label: string
  /** A second line in the list, where the list can show one. */
  readonly note?: string | undefined
  readonly disabled?: boolean | undefined
}
