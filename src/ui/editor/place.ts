/** An object as a document of the text names it. */
export interface Placed {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Line of its `kind:`, from 1. */
  readonly line: number
  /** First and last line of its document. */
  readonly from: number
  readonly to: number
}

/** Where the documents of a text stand and what they are about, line by line so that a half-written text has places, too. */
export function placesIn(text: string): readonly Placed[] {
  const lines = text.split('\n')
  const placed: Placed[] = []
  let from = 1
  const close = (to: number): void => {
    const found = placeOf(lines.slice(from - 1, to), from)
    if (found !== undefined) placed.push(found)
    from = to + 2
  }
  for (const [index, line] of lines.entries()) if (/^---([ \t].*)?\r?$/.test(line)) close(index)
  close(lines.length)
  return placed
}

function placeOf(lines: readonly string[], from: number): Placed | undefined {
  const at = lines.findIndex((line) => /^kind:/.test(line))
  const kind = /^kind:[ \t]*["']?([A-Za-z]+)/.exec(lines[at] ?? '')?.[1]
  const metadata = lines.findIndex((line) => /^metadata:[ \t]*\r?$/.test(line))
  const end = lines.findIndex((line, index) => index > metadata && /^\S/.test(line))
  const inside = metadata < 0 ? [] : lines.slice(metadata + 1, end < 0 ? lines.length : end)
  const indent = /^[ \t]*/.exec(inside.find((line) => line.trim() !== '') ?? '')?.[0] ?? ''
  const field = (name: string): string | undefined =>
    inside
      .map((line) => new RegExp(`^${indent}${name}:[ \\t]*["']?([^\\s"'#]+)`).exec(line)?.[1])
      .find((value) => value !== undefined)
  const name = field('name')
  if (kind === undefined || name === undefined) return undefined
  return { kind, namespace: field('namespace') ?? 'default', name, line: from + at, from, to: from + lines.length - 1 }
}

/** The line of a Service's port (`- port: 80`), or of the Service where the port cannot be found; undefined where the text has none. */
export function lineOfService(text: string, service: string, port: number): number | undefined {
  const found = placesIn(text).find(({ kind, namespace, name }) => kind === 'Service' && `${namespace}/${name}` === service)
  if (found === undefined) return undefined
  const lines = text.split('\n').slice(found.from - 1, found.to)
  const at = lines.findIndex((line) => new RegExp(`^[ \\t]*(- )?port:[ \\t]*["']?${port}\\b`).test(line))
  return at < 0 ? found.line : found.from + at
}

/** The line of a field of a Service, by (the end of) its name; undefined where the text does not say it. */
export function lineOfField(text: string, service: string, field: string | undefined): number | undefined {
  const found = placesIn(text).find(({ kind, namespace, name }) => kind === 'Service' && `${namespace}/${name}` === service)
  if (found === undefined || field === undefined) return undefined
  const lines = text.split('\n').slice(found.from - 1, found.to)
  const at = lines.findIndex((line) => new RegExp(`^[ \\t]+\\w*${field}:`).test(line))
  return at < 0 ? undefined : found.from + at
}

/** The object in whose document a line is. */
export function objectAt(text: string, line: number): Placed | undefined {
  return placesIn(text).find(({ from, to }) => from <= line && line <= to)
}
