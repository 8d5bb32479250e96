const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
  [1, 'ms'],
]

/** Milliseconds as nft prints a duration: `3h`, `1d2h3m4s`, `2h59m59s996ms`. Source: nftables src/datatype.c time_print */
export function formatDuration(ms: number): string {
  let rest = ms
  let text = ''
  for (const [size, unit] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) text += `${count}${unit}`
  }
  return text === '' ? '0s' : text
}
