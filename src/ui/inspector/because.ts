import { type Phrase, phrase } from '../../i18n/index.js'
import type { AskedRule, Scene } from '../../protocol/index.js'

export interface Because {
  /** What of the Service made kube-proxy write the rule so, as a sentence. */
  readonly says: Phrase
  /** The field of the manifest that asks for it. */
  readonly field: string
}

/**
 * What of a Service made kube-proxy write a rule so: read off the rule as either proxy writes it. Undefined for ordinary rules.
 *
 * @param clusterIPs of the Service: what is asked for there is under the internal traffic policy, anything else under the external one.
 */
export function becauseOf(
  { chain, text, action = '', packet }: AskedRule,
  clusterIPs: readonly string[] = [],
): Because | undefined {
  if (/ has no local endpoints"/.test(text) || (/@no-endpoint-/.test(text) && action === 'drop')) {
    const isInternal = chain === 'KUBE-SERVICES' || (packet !== undefined && clusterIPs.includes(packet.dst))
    return isInternal
      ? { says: phrase('because.no-local.internal'), field: 'internalTrafficPolicy' }
      : { says: phrase('because.no-local'), field: 'externalTrafficPolicy' }
  }
  if (/ has no endpoints"/.test(text) || /@no-endpoint-/.test(text))
    return { says: phrase('because.no-endpoints'), field: 'selector' }
  if (/ traffic not accepted by KUBE-FW-/.test(text) || /^firewall-/.test(chain) || /^KUBE-FW-/.test(chain))
    return { says: phrase('because.ranges'), field: 'loadBalancerSourceRanges' }
  if (/ -m recent --(?:rcheck|set) /.test(text) || / ?@affinity-/.test(text))
    return { says: phrase('because.affinity'), field: 'sessionAffinity' }
  if (/^KUBE-SEP-/.test(chain) && / -j KUBE-MARK-MASQ$/.test(text)) return { says: phrase('because.hairpin'), field: 'selector' }
  if (/^KUBE-SVL-/.test(chain) || /^local-/.test(chain)) return { says: phrase('because.local'), field: 'TrafficPolicy' }
  if (/^KUBE-EXT-/.test(chain) && / -j KUBE-MARK-MASQ$/.test(text))
    return { says: phrase('because.external'), field: 'externalTrafficPolicy' }
  if (/^external-/.test(chain) && /"masquerade"/.test(text))
    return { says: phrase('because.external'), field: 'externalTrafficPolicy' }
  if (/ ! -s \S+ .* -j KUBE-MARK-MASQ$/.test(` ${text}`) || /masquerade clusterIP traffic from outside cluster/.test(text))
    return { says: phrase('because.outside'), field: 'clusterIP' }
  return undefined
}

/** Why an address of a Service did not answer: it has no such port. Undefined where no Service has the address, or it has the port. */
export function wrongPort(scene: Scene, ip: string, port: number): Phrase | undefined {
  for (const { namespace, name, clusterIP, externalAddresses, ports } of scene.services.values()) {
    if (clusterIP !== ip && !externalAddresses.includes(ip)) continue
    if (ports.some((each) => each.port === port)) return undefined
    const has = ports.map((each) => `${each.port}/${each.protocol}`)
    return phrase('because.wrong-port', { service: `Service ${namespace}/${name}`, ip, port: String(port), ports: { list: has } })
  }
  return undefined
}
