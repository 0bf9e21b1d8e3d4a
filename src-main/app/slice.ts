/** A value with one owner, that others read and watch. */
export interface Slice<Value> {
  read(): Value
  /** Called with each new value; gives the way to stop. */
  subscribe(listener: (value: Value) => void): () => void
}

export interface OwnedSlice<Value> extends Slice<Value> {
  write(value: Value): void
}

export function createSlice<Value>(first: Value): OwnedSlice<Value> {
  const listeners = new Set<(value: Value) => void>()
  let current = first
  return {
    read: () => current,
    write(value) {
      current = value
      for (const listener of listeners) listener(value)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
