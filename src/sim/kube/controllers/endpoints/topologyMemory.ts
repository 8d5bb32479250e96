/** How many endpoints each zone has been given. */
export type ZoneCounts = Readonly<Record<string, number>>

/** What the controller remembers of a Service whose hints come from the annotation. */
export interface TopologyMemory {
  /** Endpoints by zone, by address family. */
  readonly zones: Readonly<Record<string, ZoneCounts>>
  /** Hints stand in its slices: lost with the first family that has to give them up. */
  readonly populated: boolean
}
