/** `nft list ruleset` text as lines by table and chain, set or map: blocks of Services stand in no order that means anything. */
export function comparableNft(text: string): Record<string, readonly string[]> {
  const result: Record<string, string[]> = {}
  let table = ''
  let block = ''
  for (const line of text.split('\n')) {
    const opened = /^table (.*) \{$/.exec(line)
    const begun = /^\t((?:chain|set|map) .*) \{$/.exec(line)
    const place = `${table} ${block}`.trim()
    if (opened !== null) {
      table = opened[1] ?? ''
      block = ''
    } else if (begun !== null) {
      block = begun[1] ?? ''
      result[`${table} ${block}`] = []
    } else if (!/^\s*\}?$/.test(line)) {
      const lines = result[place] ?? []
      result[place] = lines
      lines.push(line)
    }
  }
  return result
}

/** Blocks that stand for all Services, in their order. */
export function fixedBlocks(text: string): readonly string[] {
  return Object.keys(comparableNft(text)).filter((name) => !name.includes('/'))
}
