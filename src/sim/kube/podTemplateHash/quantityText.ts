/** Suffixes by power of ten and of two. Source: apimachinery pkg/api/resource/suffix.go */
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }

/** Decimal digits that fit an int64 whatever they are. */
const MAX_DIGITS = 18
const MAX_INT64 = 9_223_372_036_854_775_807n
const NANO = -9

/**
 * The inner fields of a `resource.Quantity` read from its text, as go-spew prints them: number and scale, the big number where those do
 * not hold it, and the text itself where reading it proved it canonical.
 *
 * @param value text of a quantity in the form that the API server stores; undefined is the zero value.
 * Source: apimachinery pkg/api/resource/quantity.go ParseQuantity
 */
export function quantityText(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') return small(0n, 0, '', '')
  if (text === '0') return small(0n, 0, '0', 'DecimalSI')
  const match = /^([+-]?)0*(\d*)(?:\.(\d*))?([eE][-+]?\d+|[KMGTPE]i|[numkMGTPE]?)$/.exec(text)
  if (match === null) return small(0n, 0, '', '')
  const negative = match[1] === '-'
  const whole = match[2] === undefined || match[2] === '' ? '0' : match[2]
  const fraction = match[3] ?? ''
  const suffix = match[4] ?? ''
  const binary = BINARY[suffix]
  const digits = whole + fraction
  const sign = negative ? -1n : 1n
  if (binary !== undefined) {
    const precision = fraction === '' ? 15 - whole.length - Math.trunc((binary * 3) / 10) - 1 : -1
    const number = BigInt(whole)
    const result = number << BigInt(binary)
    if (precision >= 0 && result <= MAX_INT64) {
      return small(sign * result, 0, number % 8n === 0n ? '' : text, 'BinarySI')
    }
    return big(sign * (BigInt(digits) << BigInt(binary)), fraction.length, 'BinarySI')
  }
  const decimal = DECIMAL[suffix]
  const exponent = decimal ?? Number(suffix.slice(1))
  const format = decimal === undefined ? 'DecimalExponent' : 'DecimalSI'
  const scale = exponent - fraction.length
  if (digits.length <= MAX_DIGITS && scale >= NANO) {
    const canonical = scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0')
    return small(sign * BigInt(digits), scale, canonical ? text : '', format)
  }
  return big(sign * BigInt(digits), -scale, format)
}

function small(value: bigint, scale: number, text: string, format: string): string {
  return `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${text} Format:(resource.Format)${format}}`
}

/** A number beyond the fast way: kept at nine decimal places, rounded away from zero. */
function big(unscaled: bigint, scale: number, format: string): string {
  const shift = -NANO - scale
  const size = unscaled < 0n ? -unscaled : unscaled
  const divisor = 10n ** BigInt(Math.max(0, -shift))
  const rounded = shift >= 0 ? size * 10n ** BigInt(shift) : (size + divisor - 1n) / divisor
  const words: string[] = []
  for (let rest = rounded; rest > 0n; rest >>= 64n) words.push(String(rest & 0xffff_ffff_ffff_ffffn))
  const dec = `{unscaled:(big.Int){neg:(bool)${unscaled < 0n} abs:(big.nat)${words.length === 0 ? '<nil>' : `[${words.join(' ')}]`}} scale:(inf.Scale)${-NANO}}`
  return `{i:(resource.int64Amount){value:(int64)0 scale:(resource.Scale)0} d:(resource.infDecAmount){Dec:(*inf.Dec)${dec}} s:(string) Format:(resource.Format)${format}}`
}
