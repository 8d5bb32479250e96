import type { Direction, Hook } from '../core/vocabulary.js'
import type { Family } from './address.js'
import { familyOf } from './address.js'
import type { Handled } from './handled.js'
import type { CtState, Tracked } from './kernel.js'
import type { Ledger } from './ledger.js'
import type { Machine } from './machine.js'
import type { Packet } from './packet.js'
import { withMark } from './packet.js'
import type { DeviceName, HostName } from './state.js'

/**
 * A packet inside one host's kernel, with what the kernel notes on it. Lives only while the host handles it;
 * changed in place by the stack, read by rules.
 */
export interface Skb {
  readonly host: HostName
  readonly machine: Machine
  readonly direction: Direction
  readonly family: Family
  packet: Packet
  hook: Hook
  /** Empty for what the host itself sends. */
  inDevice: DeviceName
  /** Empty until it is routed. */
  outDevice: DeviceName
  /** Ports of the bridge, while a bridged packet is lifted into the IP hooks. */
  physIn: DeviceName
  physOut: DeviceName
  bridged: boolean
  state: CtState
  tracked: Tracked | undefined
  /** The host's connections, opened when first asked for. */
  ledger: Ledger | undefined
  /** Conntrack has looked at it on this host: over `lo` it does not look again. */
  seen: boolean
  nextHop: string | undefined
  /** Takes what comes of it. */
  readonly handled: Handled
}

/** A packet as a host takes it in hand: marks do not travel. */
export function openSkb(machine: Machine, packet: Packet, direction: Direction, inDevice: DeviceName, handled: Handled): Skb {
  return {
    host: machine.name,
    machine,
    direction,
    family: familyOf(packet.dst),
    packet: withMark(packet, 0),
    hook: 'PREROUTING',
    inDevice,
    outDevice: '',
    physIn: '',
    physOut: '',
    bridged: false,
    state: 'INVALID',
    tracked: undefined,
    ledger: undefined,
    seen: false,
    nextHop: undefined,
    handled,
  }
}
