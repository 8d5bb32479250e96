/** `nft list ruleset` text as lines by table and chain, set or map; elements sorted, since their order means nothing. */
export function comparableNft(text: string): Record<string, readonly string[]> {
  const result: Record<string, string[]> = {}
  let table = ''
  let block = ''
  // Elements over several lines are one thing.
  const joined = text.replace(/,\n\s+(?=\S)/g, ', ')
  for (const line of joined.split('\n')) {
    const trimmed = line.trim()
    const opened = /^table (.*) \{$/.exec(line)
    const begun = /^\t((?:chain|set|map) .*) \{$/.exec(line)
    if (opened !== null) {
      table = opened[1] ?? ''
      block = ''
    } else if (begun !== null) {
      block = begun[1] ?? ''
      result[`${table} ${block}`] = []
    } else if (trimmed !== '' && trimmed !== '}') {
      const elements = /^elements = \{ (.*) \}$/.exec(trimmed)
      const place = `${table} ${block}`.trim()
      const lines = result[place] ?? []
      result[place] = lines
      lines.push(elements === null ? trimmed : `elements ${(elements[1] ?? '').split(', ').toSorted().join(', ')}`)
    }
  }
  return result
}
