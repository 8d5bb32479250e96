const cache = new Map<number, string>()

/**
 * The probability of a `statistic` rule that takes one of `count` equal shares, as iptables-save prints it.
 *
 * kube-proxy writes 1/count with ten digits; the kernel keeps it as a whole number of 2^31sts; iptables prints that with eleven digits.
 * Both printers round exact halves to even, which `toFixed` does not.
 *
 * Source: kubernetes pkg/proxy/iptables/proxier.go computeProbability; iptables extensions/libxt_statistic.c
 */
export function probabilityText(count: number): string {
  const known = cache.get(count)
  if (known !== undefined) return known
  const kernelValue = Math.round(2_147_483_648 * Number(writtenProbability(count)))
  const text = fixed(BigInt(kernelValue), 31, 11)
  cache.set(count, text)
  return text
}

/** What kube-proxy itself writes: `0.3333333333`. */
export function writtenProbability(count: number): string {
  // A double in (0, 1] is a whole number of 2^-1074ths, but 1/count for sensible counts needs far fewer bits.
  const scaled = (1 / count) * 2 ** 80
  return fixed(BigInt(scaled), 80, 10)
}

/** `value / 2^bits` with that many digits after the point, exact halves rounded to even. */
function fixed(value: bigint, bits: number, digits: number): string {
  const one = 1n << BigInt(bits)
  const scaled = value * 10n ** BigInt(digits)
  const whole = scaled / one
  const rest = (scaled % one) * 2n
  const roundUp = rest > one || (rest === one && whole % 2n === 1n)
  const text = String(roundUp ? whole + 1n : whole).padStart(digits + 1, '0')
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`
}
