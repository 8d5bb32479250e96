/** A rule as it is read where its chain is already said: without `-A CHAIN` and the comment. */
export function withoutChain(text: string): string {
  return text.replace(/^-A \S+ /, '').replace(/-m comment --comment ("[^"]*"|\S+) /, '')
}
