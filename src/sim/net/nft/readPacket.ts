import { assertNever } from '../../core/result.js'
import type { Kernel } from '../kernel.js'
import { packetType } from '../rules/extraMatches.js'
import { icmpNumber } from '../rules/icmp.js'
import { addressType, tcpFlags } from '../rules/match.js'
import type { Skb } from '../skb.js'
import type { MarkOwner, NftField, NftStatement, NftTable } from './types.js'

/** A packet on its way through a table. */
export interface Walk {
  readonly kernel: Kernel
  readonly skb: Skb
  readonly table: NftTable
}

/** Whether a field is of a connection, which a packet may not have. */
export function isOfConnection(field: NftField): boolean {
  return field.startsWith('ct ') && field !== 'ct state'
}

/** The packet's or the connection's mark; 0 without a connection. */
export function markOf(skb: Skb, of: MarkOwner): number {
  return of === 'meta' ? skb.packet.mark : (skb.tracked?.entry.mark ?? 0)
}

/** Whether the flags of a packet are those that a rule asks for. */
export function tcpFlagsFit(skb: Skb, { mask, set, negated }: Extract<NftStatement, { kind: 'tcp-flags' }>): boolean {
  const flags = tcpFlags(skb.packet.flags)
  const seen = mask.filter((flag) => flags.includes(flag))
  const fits = set === undefined ? seen.length > 0 : seen.length === set.length && set.every((flag) => seen.includes(flag))
  return fits !== negated
}

/** A field's value in the words of nft; empty where the packet has none. */
export function readField({ kernel, skb }: Walk, field: NftField): string {
  const { packet } = skb
  switch (field) {
    case 'saddr':
      return packet.src
    case 'daddr':
      return packet.dst
    case 'l4proto':
      return packet.proto === 'icmp' && skb.family === 6 ? 'ipv6-icmp' : packet.proto
    case 'sport':
      return String(packet.sport)
    case 'dport':
      return String(packet.dport)
    case 'iifname':
      return skb.inDevice
    case 'oifname':
      return skb.outDevice
    case 'mark':
      return String(packet.mark)
    case 'ct state':
      return skb.state.toLowerCase()
    case 'ct status':
      return ''
    case 'ct direction':
      return skb.tracked?.direction ?? ''
    case 'ct original saddr':
      return skb.tracked?.entry.original.src ?? ''
    case 'ct original daddr':
      return skb.tracked?.entry.original.dst ?? ''
    case 'ct original proto-src':
      return portText(skb.tracked?.entry.original.sport)
    case 'ct original proto-dst':
      return portText(skb.tracked?.entry.original.dport)
    case 'ct reply saddr':
      return skb.tracked?.entry.reply.src ?? ''
    case 'ct reply daddr':
      return skb.tracked?.entry.reply.dst ?? ''
    case 'ct reply proto-src':
      return portText(skb.tracked?.entry.reply.sport)
    case 'ct reply proto-dst':
      return portText(skb.tracked?.entry.reply.dport)
    case 'icmp type':
    case 'icmp code': {
      const [type = '', code = '0'] =
        (packet.proto === 'icmp' ? icmpNumber(packet.flags, skb.family) : undefined)?.split('/') ?? []
      return field === 'icmp type' ? type : code
    }
    case 'ttl':
      return String(packet.ttl)
    case 'pkttype':
      return packetType(skb) === 'unicast' ? 'host' : packetType(skb)
    case 'nfproto':
      return skb.family === 4 ? 'ipv4' : 'ipv6'
    case 'fib saddr type':
      return addressType(kernel, skb.host, packet.src)?.toLowerCase() ?? ''
    case 'fib daddr type':
      return addressType(kernel, skb.host, packet.dst)?.toLowerCase() ?? ''
    default:
      return assertNever(field)
  }
}

function portText(port: number | undefined): string {
  return port === undefined ? '' : String(port)
}
