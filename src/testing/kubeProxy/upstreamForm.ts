/**
 * A rule in a form in which what kube-proxy hands to iptables-restore and what iptables-save prints afterwards are equal:
 * its options as a sorted list, with defaults that only one of the two writes left out.
 */
export function comparableRule(line: string): string {
  const words = line.match(/"[^"]*"|\S+/g) ?? []
  const options: string[] = []
  let negation = ''
  for (const [index, word] of words.entries()) {
    if (word === '!') {
      negation = '! '
      continue
    }
    if (!word.startsWith('-')) continue
    const values: string[] = []
    for (let next = index + 1; next < words.length; next++) {
      const value = words[next] ?? ''
      if (value.startsWith('-') || value === '!') break
      values.push(value)
    }
    const option = `${negation}${word} ${values.join(' ')}`.trim()
    negation = ''
    const normal = normalise(option)
    if (normal !== '') options.push(normal)
  }
  return options.toSorted().join(' ')
}

const SAME: readonly (readonly [RegExp, string])[] = [
  [/^-m (tcp|udp|sctp)$/, ''],
  [/^--mask .*$/, ''],
  [/^--rsource$/, ''],
  [/^--random-fully$/, ''],
  [/^--reject-with icmp-port-unreachable$/, ''],
  [/^--set-xmark (0x\w+)\/0x0$/, '--xor-mark $1'],
  [/^--set-xmark (0x\w+)\/\1$/, '--or-mark $1'],
  [/^((?:! )?-[sd] [\d.]+)\/32$/, '$1'],
  [/^--comment "(.*)"$/, '--comment $1'],
]

function normalise(option: string): string {
  const chance = /^--probability ([\d.]+)$/.exec(option)
  if (chance !== null) return `--probability ${Number(chance[1]).toFixed(8)}`
  return SAME.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), option)
}
