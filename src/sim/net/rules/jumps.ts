/**
 * Most chains that can stand on one another's shoulders, the base chain among them.
 *
 * Source: Linux include/net/netfilter/nf_tables.h NFT_JUMP_STACK_SIZE; net/netfilter/nf_tables_api.c nft_chain_validate
 */
const MAX_CHAINS = 16

export interface JumpFault {
  readonly kind: 'loop' | 'deep'
  readonly chain: string
}

/**
 * Finds chains that lead back to themselves, or base chains from which jumps go deeper than a kernel allows. However deep a table is,
 * finding it takes no stack.
 *
 * @param callsOf chains that a chain jumps or goes to.
 */
export function findJumpFault(
  chains: Iterable<string>,
  callsOf: (chain: string) => readonly string[],
  isBase: (chain: string) => boolean,
): JumpFault | undefined {
  /** Chains on the longest way down from here, itself among them; 0 while it is being looked at. */
  const heights = new Map<string, number>()
  /** The height of a chain that only calls chains whose heights are known: most do. */
  const heightAbove = (calls: readonly string[]): number | undefined => {
    let height = 1
    for (const call of calls) {
      const below = heights.get(call)
      if (below === undefined || below === 0) return undefined
      if (below >= height) height = below + 1
    }
    return height <= MAX_CHAINS ? height : undefined
  }
  for (const root of chains) {
    if (heights.has(root)) continue
    heights.set(root, 0)
    const open = [{ chain: root, calls: callsOf(root), at: 0, height: 1 }]
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const next = top.calls[top.at++]
      if (next === undefined) {
        open.pop()
        heights.set(top.chain, top.height)
        if (isBase(top.chain) && top.height > MAX_CHAINS) return { kind: 'deep', chain: top.chain }
        const caller = open.at(-1)
        if (caller !== undefined) caller.height = Math.max(caller.height, top.height + 1)
        continue
      }
      const known = heights.get(next)
      if (known === 0) return { kind: 'loop', chain: next }
      const calls = known === undefined ? callsOf(next) : []
      const height = known ?? heightAbove(calls)
      heights.set(next, height ?? 0)
      if (height !== undefined) top.height = Math.max(top.height, height + 1)
      else open.push({ chain: next, calls, at: 0, height: 1 })
    }
  }
  return undefined
}
