/** Bounds on what is read, so that hostile or mistaken input is refused at once instead of stopping the page. */
export const LIMITS: ReadLimits = {
  /** UTF-16 code units over all files of one scenario. */
  text: 5_000_000,
  /** The same of YAML, which takes longer to read than JSON. */
  yaml: 3_000_000,
  /** Line breaks, commas and brackets of YAML: about as many nodes are read, at some 100,000 a second. */
  marks: 300_000,
  /** Expansions of aliases in one document. */
  aliases: 1_000,
  /** Nesting of maps and lists; the API's deepest field is at 12. */
  depth: 100,
  /** The same, counted before the text is read: the reader's recursion must not meet the end of the stack, where V8 can only end the process. */
  nesting: 300,
  /** Syntax errors that are told of one document: the rest follow from them. */
  errors: 20,
  /** Objects over all files, after `List`s are opened. */
  objects: 50_000,
}

export interface ReadLimits {
  readonly text: number
  readonly yaml: number
  readonly marks: number
  readonly aliases: number
  readonly depth: number
  readonly nesting: number
  readonly errors: number
  readonly objects: number
}

/** The same where no page has to stay smooth: some minutes may pass over a whole cluster of 10,000 Services. */
export const FILE_LIMITS: ReadLimits = { ...LIMITS, text: 40_000_000, yaml: 20_000_000, marks: 2_000_000 }
