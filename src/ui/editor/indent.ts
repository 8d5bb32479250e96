/** Spaces with which a line after this one begins: below a list item's first key, and one level deeper after a colon. */
export function indentAfter(line: string): string {
  const spaces = /^ */.exec(line)?.[0] ?? ''
  const dash = /^ *((?:- +)+)\S/.exec(line)?.[1] ?? ''
  const deeper = /:\s*(?:[|>][+-]?\s*)?$/.test(line) ? '  ' : ''
  return spaces + ' '.repeat(dash.length) + deeper
}
