import type { ObjectRef, PacketView, ThingId } from '../../protocol/index.js'
import { type Phrase, phrase, type Value } from '../message.js'
import { thingPhrase } from '../things.js'

/** An object by kind and name: `Pod default/web-1`, `Node node1`; one that has no name yet by its namespace alone: `Pod default/…`. */
export function objectText(object: ObjectRef): string {
  if (object.name === '') return object.namespace === '' ? object.kind : `${object.kind} ${object.namespace}/…`
  return object.namespace === '' ? `${object.kind} ${object.name}` : `${object.kind} ${object.namespace}/${object.name}`
}

/** A host of the network: a Node by its bare name, other hosts by kind and name. */
export function hostPhrase(host: string): Value {
  if (host === 'client') return phrase('thing.anyClient')
  return host.includes('/') || host === 'router' ? thingPhrase(host) : host
}

/** Who speaks: a thing where the step names one, else the name in the facts. */
export function actorPhrase(thing: ThingId | undefined, name: string): Value {
  return thing === undefined ? name : thingPhrase(thing)
}

/** Where a request goes, as asked: `service/default/web:80` by kind and name, an address or URL as it is. */
export function askedPhrase(asked: string): Value {
  const [, kind, name] = /^(service|pod)\/(.+)$/.exec(asked) ?? []
  if (kind === undefined || name === undefined) return asked
  return kind === 'pod' ? phrase('thing.pod', { pod: name }) : phrase('thing.object', { kind: 'Service', name })
}

export function endpoint(ip: string, port: number): string {
  if (port === 0) return ip
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

/** `tcp 203.0.113.7:40000 > 172.18.0.11:30080`. */
export function packetText(packet: PacketView): string {
  return `${packet.proto} ${endpoint(packet.src, packet.sport)} > ${endpoint(packet.dst, packet.dport)}`
}

/** A rule's or load balancer's share of the choice: `1/3`, else three digits. */
export function shareText(chance: { readonly probability: number; readonly share?: string }): string {
  return chance.share ?? String(Math.round(chance.probability * 1000) / 1000)
}

const WHYS = [
  'being-deleted',
  'being-scaled-down',
  'excluded-by-label',
  'local-endpoints',
  'no-local-endpoints',
  'no-answer',
  'node-cut-off',
  'node-down',
  'node-up',
] as const

/** Why a load balancer uses a Node or does not; a code that is not ours stays as it is. */
export function whyPhrase(why: string): Phrase {
  const known = WHYS.find((code) => code === why)
  return known === undefined ? phrase('why.other', { why }) : phrase(`why.${known}`)
}

export function excludedPhrase(excluded: { readonly node: string; readonly why: string }): Phrase {
  return phrase('step.excluded', { node: excluded.node, why: whyPhrase(excluded.why) })
}
