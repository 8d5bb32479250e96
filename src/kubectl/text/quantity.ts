/** A resource quantity that can be added: its value in thousandths and the suffix family in which it is printed. */
export interface Quantity {
  readonly milli: number
  readonly format: 'binary' | 'decimal' | 'exponent'
  /** As written, while nothing was added to it. */
  readonly text?: string
}

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const DECIMAL: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
}

export const ZERO: Quantity = { milli: 0, format: 'decimal', text: '0' }

/** Source: apimachinery pkg/api/resource/quantity.go ParseQuantity */
export function readQuantity(value: unknown): Quantity {
  const written = String(value ?? '0')
  const match = /^([-+]?[0-9]*\.?[0-9]*)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?|[eE][-+]?[0-9]+)$/.exec(written)
  const amount = Number(match?.[1] ?? 0)
  const suffix = match?.[2] ?? ''
  const power = BINARY.indexOf(suffix)
  if (suffix !== '' && power > 0) return { milli: Math.ceil(amount * 1024 ** power * 1000), format: 'binary', text: written }
  if (/^[eE]./.test(suffix)) return { milli: Math.ceil(Number(`${amount}${suffix}`) * 1000), format: 'exponent', text: written }
  return { milli: Math.ceil(amount * (DECIMAL[suffix] ?? 1) * 1000), format: 'decimal', text: written }
}

/** The sum keeps the first one's suffix family. */
export function addQuantity(a: Quantity, b: Quantity): Quantity {
  if (a.milli === 0) return b
  if (b.milli === 0) return a
  return { milli: a.milli + b.milli, format: a.format }
}

export function maxQuantity(a: Quantity, b: Quantity): Quantity {
  return b.milli > a.milli ? b : a
}

/** Source: apimachinery pkg/api/resource/quantity.go CanonicalizeBytes */
export function quantityText(quantity: Quantity): string {
  if (quantity.text !== undefined) return quantity.text
  if (quantity.milli === 0) return '0'
  if (quantity.format === 'binary' && quantity.milli % 1000 === 0) {
    let value = quantity.milli / 1000
    let power = 0
    while (power < BINARY.length - 1 && value % 1024 === 0) {
      value /= 1024
      power++
    }
    return `${value}${BINARY[power]}`
  }
  if (quantity.milli % 1000 !== 0) return `${quantity.milli}m`
  let value = quantity.milli / 1000
  const suffixes = ['', 'k', 'M', 'G', 'T', 'P', 'E']
  let power = 0
  while (power < suffixes.length - 1 && value % 1000 === 0) {
    value /= 1000
    power++
  }
  return `${value}${suffixes[power]}`
}
