interface Remembered {
  readonly inputs: readonly unknown[]
  readonly value: unknown
}

/** Values made from immutable objects; a cache that can be rebuilt at any time. */
const memory = new WeakMap<object, Map<string, Remembered>>()

/**
 * The value made from `key` and `inputs`: the very same object as last time while neither changed.
 *
 * @param slot tells several values of one key apart. Every caller of a slot makes the same type.
 */
export function remember<T>(key: object, inputs: readonly unknown[], make: () => T, slot = ''): T {
  let slots = memory.get(key)
  if (slots === undefined) {
    slots = new Map()
    memory.set(key, slots)
  }
  const known = slots.get(slot)
  if (
    known !== undefined &&
    known.inputs.length === inputs.length &&
    known.inputs.every((each, index) => each === inputs[index])
  ) {
    // Written below by the same caller.
    return known.value as T
  }
  const value = make()
  slots.set(slot, { inputs, value })
  return value
}
