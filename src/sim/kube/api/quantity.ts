/** An amount as Kubernetes writes it: `100m`, `64Mi`, `1e3`. Exact, in billionths. */
export interface Quantity {
  readonly nanos: bigint
  readonly format: 'BinarySI' | 'DecimalSI' | 'DecimalExponent'
}

const NANO = 1_000_000_000n
const DECIMAL: readonly (readonly [string, number])[] = [
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]
const BINARY: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** Source: apimachinery pkg/api/resource/quantity.go ErrFormatWrong, ErrSuffix */
export const QUANTITY_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
export const QUANTITY_SUFFIX = "unable to parse quantity's suffix"

/** Largest power of ten that is worked out; beyond it a quantity is capped, as upstream caps at 2^63-1. */
const MAX_EXPONENT = 30
const MAX_NANOS = (2n ** 63n - 1n) * NANO

/** Reads a quantity; the text of the fault when it is none. Source: apimachinery pkg/api/resource/quantity.go ParseQuantity */
export function parseQuantity(text: string): Quantity | string {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([a-zA-Z]*[-+]?\d*)$/.exec(text)
  if (match === null || (match[2] === '' && (match[3] ?? '') === '')) return QUANTITY_FORMAT
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match
  const scaled = (exponent: number): bigint => {
    // Digits shifted by the exponent, rounded up (away from zero) to whole billionths.
    const digits = BigInt(`${whole}${fraction}` || '0')
    const shift = 9 + exponent - fraction.length
    if (shift >= 0) return digits * 10n ** BigInt(Math.min(shift, MAX_EXPONENT + 9))
    const by = 10n ** BigInt(-shift)
    return (digits + by - 1n) / by
  }
  const finish = (nanos: bigint, format: Quantity['format']): Quantity => {
    const capped = nanos > MAX_NANOS ? MAX_NANOS : nanos
    return { nanos: sign === '-' ? -capped : capped, format }
  }
  const decimal = DECIMAL.find(([name]) => name === suffix)
  if (decimal !== undefined) return finish(scaled(decimal[1]), 'DecimalSI')
  const binary = BINARY.indexOf(suffix)
  if (binary > 0) {
    const digits = BigInt(`${whole}${fraction}` || '0') * 1024n ** BigInt(binary) * NANO
    const by = 10n ** BigInt(fraction.length)
    return finish((digits + by - 1n) / by, 'BinarySI')
  }
  const exponent = /^[eE]([-+]?\d+)$/.exec(suffix)
  if (exponent !== null) return finish(scaled(Math.max(-40, Math.min(MAX_EXPONENT, Number(exponent[1])))), 'DecimalExponent')
  return /^[eEinumkKMGTP]*[-+]?[0-9]*$/.test(suffix) ? QUANTITY_SUFFIX : QUANTITY_FORMAT
}

/** The shortest text of the same amount in the same family of suffixes. Source: Quantity.CanonicalizeBytes */
export function formatQuantity(quantity: Quantity): string {
  const { nanos, format } = quantity
  if (nanos === 0n) return '0'
  const sign = nanos < 0n ? '-' : ''
  const absolute = nanos < 0n ? -nanos : nanos
  if (format === 'BinarySI' && absolute >= 1024n * NANO) {
    let mantissa = (absolute + NANO - 1n) / NANO
    let power = 0
    while (power < BINARY.length - 1 && mantissa % 1024n === 0n) {
      mantissa /= 1024n
      power++
    }
    return `${sign}${mantissa}${BINARY[power] ?? ''}`
  }
  let mantissa = absolute
  let index = 0
  while (index < DECIMAL.length - 1 && mantissa % 1000n === 0n) {
    mantissa /= 1000n
    index++
  }
  const [suffix, exponent] = DECIMAL[index] ?? ['', 0]
  if (format === 'DecimalExponent') return exponent === 0 ? `${sign}${mantissa}` : `${sign}${mantissa}e${exponent}`
  return `${sign}${mantissa}${suffix}`
}

/** The amount in whole units times 10^9; 0 for what is no quantity. */
export function nanosOf(text: string | number | undefined): bigint {
  if (text === undefined) return 0n
  const parsed = parseQuantity(String(text))
  return typeof parsed === 'string' ? 0n : parsed.nanos
}
