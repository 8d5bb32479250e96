import type { StepInput } from '../core/step.js'
import type { ThingId } from '../core/thing.js'
import { thing } from '../core/thing.js'
import type { SimTime } from '../core/time.js'
import type { Direction } from '../core/vocabulary.js'
import type { Chooser } from './chooser.js'
import type { ConntrackEntry } from './conntrack.js'
import type { DeviceName, HostName, NetState, RecentEntry } from './state.js'

/** What traffic changes while it is only tried out: read before the state, written instead of it, thrown away afterwards. */
export interface Scratch {
  readonly conntrack: Map<HostName, Map<string, ConntrackEntry | undefined>>
  readonly steered: Map<string, HostName | undefined>
  readonly recent: Map<HostName, Map<string, RecentEntry | undefined>>
  readonly nth: Map<HostName, Map<string, number>>
}

export function createScratch(): Scratch {
  return { conntrack: new Map(), steered: new Map(), recent: new Map(), nth: new Map() }
}

/** Gets what happens to a packet, in order; the shape of steps. */
export type Trace = (entry: StepInput) => void

/** What a packet's walk may touch. Made for one event, or one whole request when it is followed at once. */
export interface Kernel {
  readonly net: NetState
  readonly now: SimTime
  /** Present when nothing may be left behind. */
  readonly scratch: Scratch | undefined
  readonly chooser: Chooser
  /** Numbers in [0, 1) for what is no choice: source ports. */
  readonly random: () => number
  readonly trace: Trace
  readonly direction: Direction
  /** With a scratch: counters and `recent` lists are kept all the same; only connections are tried out. */
  readonly counts?: boolean
  /** Somebody prescribed the choices. */
  readonly forced?: boolean
  /** The fabric hands packets for this address to that Node, unchanged: what a pass-through load balancer does. */
  readonly deliverTo?: { readonly ip: string; readonly node: HostName }
}

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

/** The thing that a device belongs to in the picture: eth0 and the bridge of a Node are things of their own. */
export function deviceThing(kernel: Kernel, host: HostName, device: DeviceName): ThingId {
  if (kernel.net.hosts.get(host)?.kind !== 'node') return hostThing(kernel, host)
  return device === 'eth0' ? thing.eth0(host) : device === 'lo' ? thing.local(host) : thing.bridge(host)
}

export function hostThing(kernel: Kernel, host: HostName): ThingId {
  const kind = kernel.net.hosts.get(host)?.kind
  return kind === 'node' ? thing.node(host) : kind === 'router' ? `host/${host}` : host
}
