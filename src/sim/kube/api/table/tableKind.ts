import type { SimTime } from '../../../core/time.js'

export interface RowContext {
  readonly now: SimTime
}

/** A cell as the server sends it. */
export type Cell = string | number | boolean

/** What is noted of a row beside its cells. Source: apimachinery meta/v1 types.go TableRowCondition */
export interface RowCondition {
  readonly type: 'Completed'
  readonly status: 'True'
  readonly reason: string
  readonly message: string
}

/** How objects of one resource look in a table: a cell for each of its columns. Source: kubernetes pkg/printers/internalversion/printers.go */
export interface TableKind<T> {
  row(object: T, context: RowContext): readonly Cell[]
  conditions?(object: T): readonly RowCondition[]
}
