/** 32-bit FNV-1a over UTF-16 code units, finished with a mixer; `salt` gives independent hashes of one text. */
export function hash32(text: string, salt = 0): number {
  let hash = (2_166_136_261 ^ Math.imul(salt, 2_654_435_761)) >>> 0
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619) >>> 0
  }
  hash ^= hash >>> 16
  hash = Math.imul(hash, 2_246_822_507)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 3_266_489_909)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** 128 bits as 32 hexadecimal digits. */
export function hashText(text: string): string {
  return [1, 2, 3, 4].map((salt) => hash32(text, salt).toString(16).padStart(8, '0')).join('')
}

/** Digests of immutable leaves, so that an unchanged object is hashed once. Can be rebuilt; never part of the world. */
const leafDigests = new WeakMap<object, string>()

/**
 * One hash of plain data: equal data gives the same hash whatever the order of keys in objects or of entries in Maps was.
 * Arrays keep their order. `undefined` fields count as absent.
 *
 * @throws TypeError for what is not plain data (functions, class instances, symbols).
 */
export function digestOf(value: unknown): string {
  return hashText(canonical(value, 0))
}

/** Containers near the root change in place; what lies deeper is immutable and may be remembered. */
const CONTAINER_DEPTH = 3

function canonical(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
    case 'boolean':
      return String(value)
    case 'undefined':
      return 'undefined'
    case 'bigint':
      return `${value}n`
    case 'object':
      break
    default:
      throw new TypeError(`not plain data: ${typeof value}`)
  }
  if (value === null) return 'null'
  if (value instanceof Map) {
    const entries = [...value].map(([key, each]) => `${canonical(key, depth + 1)}=>${canonical(each, depth + 1)}`)
    return `M{${entries.sort(byCodeUnit).join(',')}}`
  }
  if (value instanceof Set) {
    return `S{${[...value]
      .map((each) => canonical(each, depth + 1))
      .sort(byCodeUnit)
      .join(',')}}`
  }
  if (depth > CONTAINER_DEPTH) {
    const known = leafDigests.get(value)
    if (known !== undefined) return known
    const fresh = hashText(canonicalObject(value, depth))
    leafDigests.set(value, fresh)
    return fresh
  }
  return canonicalObject(value, depth)
}

function canonicalObject(value: object, depth: number): string {
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each, depth + 1)).join(',')}]`
  const fields = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => byCodeUnit(a, b))
  return `{${fields.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each, depth + 1)}`).join(',')}}`
}

/** The one order of strings in `sim`: by UTF-16 code unit, never by locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
