import type { SimTime } from '../../sim/index.js'

export interface Column {
  readonly name: string
  /** Only with `-o wide`. */
  readonly wide?: boolean
}

export interface RowContext {
  readonly now: SimTime
  readonly wide: boolean
}

/** How objects of one resource look in a table. Source: kubernetes pkg/printers/internalversion/printers.go */
export interface TableKind<T> {
  readonly columns: readonly Column[]
  row(object: T, context: RowContext): readonly (string | number | boolean)[]
}

/** `Name*` marks a column of `-o wide`. */
export function columns(...names: readonly string[]): readonly Column[] {
  return names.map((name) => (name.endsWith('*') ? { name: name.slice(0, -1), wide: true } : { name }))
}
