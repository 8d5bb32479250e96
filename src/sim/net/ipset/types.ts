/** What one dimension of a set holds. */
export type IpsetDimension = 'ip' | 'net' | 'port' | 'iface' | 'mark' | 'mac' | 'set'

/** One line `add NAME ...`. */
export interface IpsetElement {
  /** What stands after the set's name: `10.0.0.1,tcp:80 timeout 30`. */
  readonly text: string
  /**
   * Keys under which it is looked up, dimension by dimension as text: `10.0.0.1,tcp:80`, `10.0.0.0/8`. A range has one for each member.
   */
  readonly keys: readonly string[]
  readonly nomatch: boolean
  /** `hash:net,iface` with a name that only begins so. */
  readonly wildcard: boolean
}

/** A set of `ipset`. Immutable. */
export interface Ipset {
  readonly name: string
  /** `hash:ip,port`, `bitmap:port`, `list:set`. */
  readonly type: string
  readonly dimensions: readonly IpsetDimension[]
  /** 0 for sets that hold no addresses. */
  readonly family: 0 | 4 | 6
  /** `create ...` as it was given. */
  readonly text: string
  /** Length to which addresses of `hash:ip` are cut. */
  readonly netmask: number | undefined
  readonly markmask: number
  readonly elements: readonly IpsetElement[]
  /** Why it cannot be asked: a type or an element that is not modelled. */
  readonly notModelled: string | undefined
}

/** A host's sets by name, in the order in which they were created. */
export type Ipsets = ReadonlyMap<string, Ipset>

export const NO_IPSETS: Ipsets = new Map()
