import type { Chance, Direction, Hook, StepFacts } from '../core/vocabulary.js'
import type { ConntrackEntry } from './connections.js'
import type { Packet } from './packet.js'
import type { RouteResult } from './routeTable.js'
import type { DeviceName, HostName } from './state.js'
import type { Stop } from './stop.js'

/** What every rule says of itself, of iptables or of nftables. */
export interface RuleFace {
  readonly table: string
  readonly chain: string
  /** Counts from 1 within its chain. */
  readonly position: number
  readonly text: string
  readonly action: string
  readonly chance: Chance | undefined
}

/** Which packet, which way, where. */
interface Place {
  readonly packet: Packet
  readonly direction: Direction
  readonly host: HostName
}

interface HookPlace extends Place {
  readonly hook: Hook
}

/**
 * One thing that happened to a packet, as cheap to write down as it can be: references to what is immutable anyway (the packet at that
 * moment, the rule, the route, the connection) and no text. `stepOf` makes a step of it when somebody reads it.
 */
export type Note =
  | (Place & { readonly kind: 'packet-sent'; readonly by: string })
  | (Place & {
      readonly kind: 'packet-link'
      readonly device: DeviceName
      readonly toHost: HostName
      readonly toDevice: DeviceName
    })
  | (HookPlace & { readonly kind: 'packet-hook'; readonly inDevice: DeviceName; readonly outDevice: DeviceName })
  | (HookPlace & {
      readonly kind: 'conntrack'
      readonly operation: StepFacts['conntrack']['operation']
      readonly state: StepFacts['conntrack']['state']
      readonly entry: ConntrackEntry | undefined
    })
  | (HookPlace & { readonly kind: 'rule'; readonly rule: RuleFace })
  | (HookPlace & { readonly kind: 'policy'; readonly table: string; readonly chain: string; readonly policy: 'ACCEPT' | 'DROP' })
  /** `packet` is what it was before. */
  | (HookPlace & {
      readonly kind: 'rewrite'
      readonly what: StepFacts['rewrite']['what']
      readonly by: StepFacts['rewrite']['by']
      readonly after: Packet
    })
  | (Place & { readonly kind: 'route'; readonly result: RouteResult })
  /** Nobody answers. */
  | (Place & { readonly kind: 'arp'; readonly device: DeviceName; readonly asked: string })
  | (Place & {
      readonly kind: 'bridge'
      readonly bridge: DeviceName
      readonly inPort: DeviceName
      readonly outPort: DeviceName
      readonly lifted: boolean
    })
  /** `packet` is the one that carries. */
  | (Place & { readonly kind: 'tunnel' } & Omit<StepFacts['tunnel'], 'packet' | 'direction' | 'host'>)
  | (Place & { readonly kind: 'lb-choice'; readonly choice: Omit<StepFacts['lb-choice'], 'packet' | 'direction'> })
  | (Place & { readonly kind: 'delivered'; readonly socket: string })
  | (Place & { readonly kind: 'answered'; readonly by: string; readonly what: StepFacts['answered']['what'] })
  /** `hook` is undefined where no hook had it in hand. */
  | (Place & { readonly kind: 'stopped'; readonly hook: Hook | undefined; readonly stop: Stop })
