/** What the host-local address plugin keeps on each Node's disk. */
export interface CniPart {
  /** Node to its reserved addresses: address to the Pod's UID. */
  readonly reserved: Map<string, Map<string, string>>
  /** Node to the address given out last: the search goes on after it. */
  readonly last: Map<string, string>
}

export function createCniPart(): CniPart {
  return { reserved: new Map(), last: new Map() }
}
