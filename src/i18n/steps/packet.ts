import type { Step } from '../../protocol/index.js'
import { type Phrase, phrase, type Value } from '../message.js'
import { thingPhrase } from '../things.js'
import { endpoint, hostPhrase, packetText, shareText } from './words.js'

type PacketKind =
  | 'packet-sent'
  | 'packet-link'
  | 'packet-hook'
  | 'conntrack'
  | 'rule'
  | 'policy'
  | 'rewrite'
  | 'route'
  | 'arp'
  | 'bridge'
  | 'tunnel'
  | 'lb-choice'
  | 'delivered'
  | 'answered'
  | 'stopped'
  | 'connection-rest'
  | 'dns'

/** A packet's way through hosts, hooks, rules and devices. */
export function describePacket(step: Step<PacketKind>): Phrase {
  switch (step.kind) {
    case 'connection-rest': {
      const { packets, request, status, servedBy } = step.facts
      return phrase('step.connection-rest', { packets, request, status: String(status), servedBy })
    }
    case 'dns': {
      const { name, answer, server } = step.facts
      return answer === undefined ? phrase('step.dns.none', { server, name }) : phrase('step.dns.found', { server, name, answer })
    }
    case 'packet-link': {
      const { toDevice, direction } = step.facts
      const facts = { from: thingValue(step.from), to: thingValue(step.to), device: toDevice }
      // At an interface itself there is nothing to add.
      if (step.to?.startsWith(`${toDevice}/`) === true)
        return phrase(direction === 'reply' ? 'step.packet-link.to.reply' : 'step.packet-link.to', facts)
      return direction === 'reply' ? phrase('step.packet-link.reply', facts) : phrase('step.packet-link', facts)
    }
    case 'lb-choice': {
      const { loadBalancer, chosen, candidates, chance, forced } = step.facts
      const lb = step.from === undefined ? loadBalancer : thingPhrase(step.from)
      const facts = { lb, chosen, share: shareText(chance) }
      return forced ? phrase('step.lb-choice.forced', facts) : phrase('step.lb-choice', { ...facts, count: candidates.length })
    }
    default:
      return describeAtHost(step)
  }
}

function describeAtHost(step: Step<Exclude<PacketKind, 'connection-rest' | 'dns' | 'packet-link' | 'lb-choice'>>): Phrase {
  const host = hostPhrase(step.facts.host)
  switch (step.kind) {
    case 'packet-sent': {
      const { packet } = step.facts
      return phrase('step.packet-sent', { host, packet: packetText(packet), flags: packet.flags })
    }
    case 'packet-hook':
      return describeHook(step, host)
    case 'conntrack': {
      const { operation, state, original, reply } = step.facts
      if (operation === 'found') return phrase('step.conntrack.found', { host, state, original })
      if (operation === 'confirmed') return phrase('step.conntrack.confirmed', { host, reply })
      return operation === 'new' ? phrase('step.conntrack.new', { host }) : phrase('step.conntrack.invalid', { host })
    }
    case 'rule':
      return describeRule(step, host)
    case 'policy': {
      const { chain, table, policy } = step.facts
      return phrase('step.policy', { chain, table, host, policy })
    }
    case 'rewrite':
      return describeRewrite(step, host)
    case 'route': {
      const { result, route, device, via, packet } = step.facts
      if (result === 'local') return phrase('step.route.local', { host, dst: packet.dst })
      if (result === 'unreachable') return phrase('step.route.unreachable', { host, dst: packet.dst })
      return via === undefined
        ? phrase('step.route.forward', { host, dst: packet.dst, device, route })
        : phrase('step.route.via', { host, dst: packet.dst, device, route, via })
    }
    case 'arp': {
      const { device, asked, answered } = step.facts
      return answered ? phrase('step.arp.answered', { host, device, asked }) : phrase('step.arp.silent', { host, device, asked })
    }
    case 'bridge': {
      const { bridge, inPort, outPort, lifted } = step.facts
      const facts = { host, bridge, in: inPort, out: outPort }
      return lifted ? phrase('step.bridge.lifted', facts) : phrase('step.bridge', facts)
    }
    case 'tunnel': {
      const { device, operation, packet, inner, vni, remote } = step.facts
      const facts = { host, device, vni, remote, outer: packetText(packet), inner: packetText(inner) }
      return operation === 'encapsulate' ? phrase('step.tunnel.encapsulate', facts) : phrase('step.tunnel.decapsulate', facts)
    }
    case 'delivered':
      return step.facts.direction === 'reply'
        ? phrase('step.delivered.reply', { host })
        : phrase('step.delivered.request', { host, socket: listenerOf(step.facts.socket) })
    case 'answered':
      return phrase(`step.answered.${step.facts.what}`, { host })
    case 'stopped':
      return describeStopped(step, host)
  }
}

/** Who listens: `nginx in Pod default/web-1` by the program alone, the host has been named. */
function listenerOf(socket: string): string {
  return socket.replace(/ in Pod \S+$/, '')
}

function thingValue(thing: string | undefined): Value {
  return thing === undefined ? '?' : thingPhrase(thing)
}

function describeHook(step: Step<'packet-hook'>, host: Value): Phrase {
  const { hook, inDevice, outDevice } = step.facts
  switch (hook) {
    case 'PREROUTING':
      return phrase('step.hook.PREROUTING', { host, device: inDevice })
    case 'INPUT':
      return phrase('step.hook.INPUT', { host })
    case 'FORWARD':
      return phrase('step.hook.FORWARD', { host, device: inDevice, out: outDevice })
    case 'OUTPUT':
      return phrase('step.hook.OUTPUT', { host })
    case 'POSTROUTING':
      return phrase('step.hook.POSTROUTING', { host, out: outDevice })
  }
}

function describeRule(step: Step<'rule'>, host: Value): Phrase {
  const { chain, text, action, chance } = step.facts
  const rule = String(step.facts.rule)
  // nftables' tables have a family before their name; its rules have no target.
  const isNft = step.facts.table.includes(' ')
  const facts = { host, rule, chain, tool: phrase(isNft ? 'step.tool.nftables' : 'step.tool.iptables') }
  const target = isNft ? nftTarget(action) : (/ -[jg] (\S+)/.exec(text)?.[1] ?? '')
  switch (target) {
    case 'DNAT': {
      if (isNft && chance !== undefined) return phrase('step.rule.dnat.dice', { ...facts, share: shareText(chance) })
      const to = isNft ? nftDestination(text) : / --to-destination (\S+)/.exec(text)?.[1]
      return phrase('step.rule.dnat', { ...facts, to: to ?? action })
    }
    case 'MARK':
    case 'CONNMARK':
      return phrase(takesOff(text) ? 'step.rule.unmark' : 'step.rule.mark', facts)
    case 'MASQUERADE':
    case 'SNAT':
      return phrase('step.rule.masquerade', facts)
    case 'DROP':
      return phrase('step.rule.drop', facts)
    case 'REJECT':
      return phrase('step.rule.reject', facts)
    case 'ACCEPT':
      return phrase('step.rule.accept', facts)
    case 'RETURN':
      return phrase('step.rule.return', facts)
    default:
      break
  }
  if (target === '' || target === 'CONTINUE' || (isNft ? !/^(?:goto|jump) /.test(action) : !/^[A-Z0-9_-]+$/i.test(target)))
    return phrase('step.rule.other', { ...facts, action })
  return chance === undefined
    ? phrase('step.rule.jump', { ...facts, target })
    : phrase('step.rule.chance', { ...facts, target, share: shareText(chance) })
}

/** A rule that flips bits of the mark: kube-proxy's only does so where they are set, and so takes them off. */
function takesOff(text: string): boolean {
  return (
    / --set-xmark 0x[\da-f]+\/0x0\b/.test(text) || / --xor-mark /.test(text) || / mark set (?:meta )?mark (?:xor|\^) /.test(text)
  )
}

/** Where a rule of nftables sends, if that is one place: the one that it names, or the only one of its map. */
function nftDestination(text: string): string | undefined {
  const only = / dnat (?:ip6? )?to numgen random mod 1 map \{ 0 : (\S+) \. (\d+) \}$/.exec(text)
  return only === null ? / dnat (?:ip6? )?to (\S+)$/.exec(text)?.[1] : endpoint(only[1] ?? '', Number(only[2]))
}

/** What a rule of nftables did, by the name that iptables has for it: `goto service-...` leads to a chain. */
function nftTarget(action: string): string {
  const chain = /^(?:goto|jump) (\S+)$/.exec(action)?.[1]
  if (chain !== undefined) return chain
  return action === 'meta mark set' ? 'MARK' : action.replace(/ .*$/, '').toUpperCase()
}

function describeRewrite(step: Step<'rewrite'>, host: Value): Phrase {
  const { before, after, what, by } = step.facts
  const source = { old: endpoint(before.src, before.sport), now: endpoint(after.src, after.sport) }
  const destination = { old: endpoint(before.dst, before.dport), now: endpoint(after.dst, after.dport) }
  switch (what) {
    case 'dnat':
      if (by === 'load-balancer') return phrase('step.rewrite.dnat.lb', destination)
      return by === 'conntrack'
        ? phrase('step.rewrite.dnat.conntrack', { host, ...destination })
        : phrase('step.rewrite.dnat', { host, ...destination })
    case 'snat':
      return phrase('step.rewrite.snat', { host, ...source })
    case 'masquerade':
      return phrase('step.rewrite.masquerade', { host, ...source })
    case 'undo-dnat':
      return phrase('step.rewrite.undo-dnat', { host, ...source })
    case 'undo-snat':
      return phrase('step.rewrite.undo-snat', { host, ...destination })
  }
}

function describeStopped(step: Step<'stopped'>, host: Value): Phrase {
  const { why, packet } = step.facts
  const answer = step.facts.with ?? 'REJECT'
  switch (why) {
    case 'drop':
      // Only a load balancer's own firewall drops without a rule and says why.
      if (step.facts.with !== undefined) return phrase('step.stopped.source-range', { host, src: packet.src })
      return phrase('step.stopped.drop', { host })
    case 'ttl':
    case 'link-down':
    case 'no-answer':
      return phrase(`step.stopped.${why}`, { host })
    case 'reject':
    case 'not-modelled':
      return phrase(`step.stopped.${why}`, { host, with: answer })
    case 'no-route':
    case 'no-neighbour':
      return phrase(`step.stopped.${why}`, { host, dst: packet.dst })
    case 'martian':
    case 'wrong-address':
      return phrase(`step.stopped.${why}`, { host, src: packet.src })
  }
}
