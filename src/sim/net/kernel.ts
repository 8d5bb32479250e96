import type { SimTime } from '../core/time.js'
import type { Chooser } from './chooser.js'
import { createChooser } from './chooser.js'
import type { ConntrackEntry, ConntrackTable } from './connections.js'
import type { NetView } from './machine.js'
import { openView } from './machine.js'
import type { Note } from './note.js'
import type { HostName, NetState, RecentEntry } from './state.js'

/** What traffic changes while it is only tried out: read before the state, written instead of it, thrown away afterwards. */
export interface Scratch {
  readonly conntrack: Map<HostName, ConntrackTable>
  readonly steered: Map<string, HostName | undefined>
  readonly recent: Map<HostName, Map<string, RecentEntry | undefined>>
  readonly nth: Map<HostName, Map<string, number>>
}

export function createScratch(): Scratch {
  return { conntrack: new Map(), steered: new Map(), recent: new Map(), nth: new Map() }
}

/** What a packet's walk may touch. Made for one event, or one whole request when it is followed at once. */
export interface Kernel {
  readonly net: NetState
  /** The network looked up: kernels may share one as long as nobody configures the network meanwhile. */
  readonly view: NetView
  readonly now: SimTime
  /** Present when nothing may be left behind. */
  readonly scratch: Scratch | undefined
  readonly chooser: Chooser
  /** Numbers in [0, 1) for what is no choice: source ports. */
  readonly random: () => number
  /** Gets what happens to a packet, in order. */
  readonly trace: (note: Note) => void
  /** Counters and `recent` lists are kept: always without a scratch; with one when only connections are tried out. */
  readonly counts: boolean
  /** Somebody prescribed the choices. */
  readonly forced: boolean
  /** The fabric hands packets for this address to that Node, unchanged: what a pass-through load balancer does. */
  readonly deliverTo: { readonly ip: string; readonly node: HostName } | undefined
}

export type KernelOptions = Pick<Kernel, 'net'> & { readonly [Field in keyof Kernel]?: Kernel[Field] | undefined }

/** A kernel: unless told otherwise one that takes the first option of every choice and tells nobody. */
export function createKernel({
  net,
  view,
  now,
  scratch,
  chooser,
  random,
  trace,
  counts,
  forced,
  deliverTo,
}: KernelOptions): Kernel {
  return {
    net,
    view: view ?? openView(net),
    now: now ?? 0,
    scratch,
    chooser: chooser ?? createChooser(),
    random: random ?? nothing,
    trace: trace ?? ignore,
    counts: counts ?? scratch === undefined,
    forced: forced ?? false,
    deliverTo,
  }
}

const nothing = (): number => 0
const ignore = (): void => undefined

/** A tracked connection as one packet sees it. */
export interface Tracked {
  entry: ConntrackEntry
  readonly direction: 'original' | 'reply'
  /** False until the connection's first packet has left the host or reached a socket. */
  confirmed: boolean
  destinationDone: boolean
  sourceDone: boolean
}

export type CtState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED'
