/** Factors of decimal and binary suffixes, in thousandths. Source: apimachinery pkg/api/resource/suffix.go */
const SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['n', 1e-6],
  ['u', 1e-3],
  ['m', 1],
  ['', 1e3],
  ['k', 1e6],
  ['M', 1e9],
  ['G', 1e12],
  ['T', 1e15],
  ['P', 1e18],
  ['E', 1e21],
  ['Ki', 1e3 * 1024],
  ['Mi', 1e3 * 1024 ** 2],
  ['Gi', 1e3 * 1024 ** 3],
  ['Ti', 1e3 * 1024 ** 4],
  ['Pi', 1e3 * 1024 ** 5],
  ['Ei', 1e3 * 1024 ** 6],
])

/** Quantities already read. Can be rebuilt; holds nothing but pure results. */
const known = new Map<string, number>()
const KNOWN_LIMIT = 4096

/**
 * A quantity in thousandths, rounded up: `100m` is 100, `1` is 1000, `1Ki` is 1024000.
 *
 * What is no quantity counts as 0: the API server has refused it before it gets here.
 * Source: apimachinery pkg/api/resource/quantity.go MilliValue
 */
export function milliValue(quantity: string | number | undefined): number {
  if (quantity === undefined) return 0
  const text = String(quantity)
  const remembered = known.get(text)
  if (remembered !== undefined) return remembered
  const parsed = parse(text)
  if (known.size >= KNOWN_LIMIT) known.clear()
  known.set(text, parsed)
  return parsed
}

/** A quantity as a whole number, rounded up: `1500m` is 2, `1Ki` is 1024. Source: apimachinery pkg/api/resource/quantity.go Value */
export function wholeValue(quantity: string | number | undefined): number {
  return Math.ceil(milliValue(quantity) / 1000)
}

function parse(text: string): number {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([a-zA-Z]*))$/.exec(text.trim())
  if (match === null) return 0
  const number = Number(match[1])
  if (match[2] !== undefined) return Math.ceil(number * 10 ** Number(match[2]) * 1000)
  const factor = SUFFIXES.get(match[3] ?? '')
  if (factor === undefined) return 0
  // Binary fractions of decimal numbers (0.1 * 1000) must not round up by an error in the last place.
  const scaled = number * factor
  const rounded = Math.round(scaled)
  return Math.abs(scaled - rounded) < 1e-6 ? rounded : Math.ceil(scaled)
}
