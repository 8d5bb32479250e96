import { assertNever } from '../core/result.js'
import type { StepInput } from '../core/step.js'
import type { ThingId } from '../core/thing.js'
import { thing } from '../core/thing.js'
import type { Note } from './note.js'
import { tupleText } from './packet.js'
import { routeText } from './routing.js'
import type { DeviceName, HostName, NetState } from './state.js'

/** The thing that a device belongs to in the picture: eth0 and the bridge of a Node are things of their own. */
export function deviceThing(net: NetState, host: HostName, device: DeviceName): ThingId {
  if (net.hosts.get(host)?.kind !== 'node') return hostThing(net, host)
  // A tunnel goes out through the same door.
  if (net.interfaces.get(host)?.get(device)?.kind === 'vxlan') return thing.eth0(host)
  return device === 'eth0' ? thing.eth0(host) : device === 'lo' ? thing.local(host) : thing.bridge(host)
}

export function hostThing(net: NetState, host: HostName): ThingId {
  const kind = net.hosts.get(host)?.kind
  return kind === 'node' ? thing.node(host) : kind === 'router' ? `host/${host}` : host
}

/** The step that a note stands for: what the picture calls the places, and everything as text. */
export function stepOf(net: NetState, note: Note): StepInput {
  const { packet, direction, host } = note
  switch (note.kind) {
    case 'packet-sent':
      return { kind: note.kind, from: hostThing(net, host), facts: { packet, direction, host, by: note.by } }
    case 'packet-link':
      return {
        kind: note.kind,
        from: deviceThing(net, host, note.device),
        to: deviceThing(net, note.toHost, note.toDevice),
        facts: { packet, direction, fromDevice: note.device, toDevice: note.toDevice },
      }
    case 'packet-hook': {
      const { hook, inDevice, outDevice } = note
      const place = thing.hook(host, hook)
      return { kind: note.kind, from: place, to: place, facts: { packet, direction, host, hook, inDevice, outDevice } }
    }
    case 'conntrack': {
      const { hook, operation, state, entry } = note
      const original = entry === undefined ? '' : tupleText(entry.original)
      const reply = entry === undefined ? '' : tupleText(entry.reply)
      return {
        kind: note.kind,
        from: thing.hook(host, hook),
        to: thing.conntrack(host),
        facts: { packet, direction, host, operation, state, original, reply },
      }
    }
    case 'rule': {
      const { hook, rule } = note
      const { table, chain, position, text, action, chance } = rule
      const place = thing.hook(host, hook)
      const facts = { packet, direction, host, hook, table, chain, rule: position, text, action }
      return { kind: note.kind, from: place, to: place, facts: chance === undefined ? facts : { ...facts, chance } }
    }
    case 'policy': {
      const { hook, table, chain, policy } = note
      return { kind: note.kind, from: thing.hook(host, hook), facts: { packet, direction, host, hook, table, chain, policy } }
    }
    case 'rewrite': {
      const { hook, what, by, after } = note
      const place = by === 'load-balancer' ? host : thing.hook(host, hook)
      return { kind: note.kind, from: place, to: place, facts: { direction, host, hook, what, by, before: packet, after } }
    }
    case 'route':
      return routeStep(net, note)
    case 'arp': {
      const { device, asked } = note
      const facts = { packet, direction, host, device, asked, answered: false }
      return { kind: note.kind, from: deviceThing(net, host, device), facts }
    }
    case 'bridge': {
      const { bridge, inPort, outPort, lifted } = note
      const place = deviceThing(net, host, bridge)
      return { kind: note.kind, from: place, to: place, facts: { packet, direction, host, bridge, inPort, outPort, lifted } }
    }
    case 'tunnel': {
      const { device, operation, vni, remote, inner } = note
      const place = deviceThing(net, host, device)
      const facts = { packet, direction, host, device, operation, vni, remote, inner }
      return { kind: note.kind, from: place, to: place, facts }
    }
    case 'lb-choice':
      return { kind: note.kind, from: host, to: host, facts: { packet, direction, ...note.choice } }
    case 'delivered': {
      const place = hostThing(net, host)
      return { kind: note.kind, from: place, to: place, facts: { packet, direction, host, socket: note.socket } }
    }
    case 'answered':
      return {
        kind: note.kind,
        from: hostThing(net, host),
        facts: { packet, direction, host, by: note.by, what: note.what },
      }
    case 'stopped': {
      const { hook, stop } = note
      const isAtHook = hook !== undefined && net.hosts.get(host)?.kind === 'node'
      return {
        kind: note.kind,
        from: isAtHook ? thing.hook(host, hook) : hostThing(net, host),
        facts: {
          packet,
          direction,
          host,
          why: stop.why,
          ...(stop.with === undefined ? {} : { with: stop.with }),
          ...(stop.rule === undefined ? {} : { rule: stop.rule }),
        },
      }
    }
    default:
      return assertNever(note)
  }
}

function routeStep(net: NetState, { packet, direction, host, result }: Extract<Note, { kind: 'route' }>): StepInput {
  const isForward = result.kind === 'forward'
  return {
    kind: 'route',
    from: net.hosts.get(host)?.kind === 'node' ? thing.routing(host) : hostThing(net, host),
    facts: {
      packet,
      direction,
      host,
      result: result.kind,
      route: routeText(result),
      device: isForward ? result.route.device : result.kind === 'local' ? 'lo' : '',
      ...(isForward && result.route.via !== undefined ? { via: result.route.via } : {}),
    },
  }
}
