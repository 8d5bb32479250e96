/** What one filter said of one Node. Form of `schedule --json` (contract 1). */
export interface FilterReport {
  readonly plugin: string
  readonly ok: boolean
  readonly reasons?: readonly string[]
  /** The first to say no: the real scheduler stops here. */
  readonly decisive?: boolean
}

export interface ScoreReport {
  readonly raw: number
  readonly normalized: number
  readonly weight: number
}

export interface NodeReport {
  readonly filters: readonly FilterReport[]
  readonly scores?: Readonly<Record<string, ScoreReport>>
  readonly total?: number
}

/** Everything that one scheduling attempt said. */
export interface ScheduleReport {
  readonly pod: string
  readonly nodes: Readonly<Record<string, NodeReport>>
  readonly chosen?: string
  readonly message: string
}
