import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { tellCounts } from '../../../testing/tellCounts.js'
import { runNext } from '../../core/engine.js'
import type { Direction } from '../../core/vocabulary.js'
import { firstPacket, followRequest } from '../../net/follow.js'
import { createKernel, createScratch } from '../../net/kernel.js'
import type { Note } from '../../net/note.js'
import type { Packet } from '../../net/packet.js'
import { listen } from '../../net/topology.js'
import type { Manifest } from '../api/client.js'
import { createCluster } from '../bootstrap/createCluster.js'
import type { Messages } from '../messages.js'
import type { Parts } from '../parts.js'
import { behaviours } from '../registry.js'

/** A packet's way through one Node, from where it came in to where it left. */
interface Pass {
  readonly node: string
  readonly in: string
  readonly packet: string
  readonly tuple: string
  readonly ttl: number
  readonly afterDnat?: string
  readonly out: string
  readonly leftTuple: string
  readonly leftTtl: number
}

interface Case {
  readonly network: string
  readonly manifests: string
  readonly pods: readonly { readonly name: string; readonly tcp?: readonly number[]; readonly udp?: readonly number[] }[]
  readonly probes: readonly {
    readonly name: string
    readonly from: string
    readonly to: string
    readonly proto: 'tcp' | 'udp'
    readonly expect: { readonly request: readonly Pass[]; readonly reply: readonly Pass[] }
  }[]
}

const data = new URL('../../net/conformance/data/overlay/', import.meta.url)
const CLIENT_PORT = 40_000
const SERVED = [80, 8_080, 5_353, 8_472]

function open(test: Case) {
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-flannel-cfg', namespace: 'kube-flannel' },
    data: { 'net-conf.json': JSON.stringify({ Network: '10.244.0.0/16', Backend: { Type: test.network } }) },
  } as Manifest
  const restore = [...parseAllDocuments(test.manifests).map((document): Manifest => document.toJS()), config]
  const world = createCluster({ seed: 'overlay', restore, controllers: '-*', kubeProxy: kubeProxy() })
  for (let guard = 0; world.foreground > 0 && guard < 100_000; guard++)
    runNext<Parts, Messages>(world, behaviours as never, () => undefined)
  for (const pod of test.pods) {
    const name = `pod/${pod.name.replace('.', '/')}`
    const response = { status: 200, body: '', latencyUs: 0, servedBy: name }
    for (const port of pod.tcp ?? []) listen(world.parts.net, name, { proto: 'tcp', port, owner: name, response })
    for (const port of pod.udp ?? []) listen(world.parts.net, name, { proto: 'udp', port, owner: name, response })
  }
  return world.parts.net
}

function kubeProxy() {
  return { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration', clusterCIDR: '10.244.0.0/16' }
}

function tupleOf({ src, sport, dst, dport }: Packet): string {
  const name = (port: number): string => (port === CLIENT_PORT ? 'client' : SERVED.includes(port) ? String(port) : 'random')
  return `${src}:${name(sport)} > ${dst}:${name(dport)}`
}

const KINDS: Readonly<Record<string, string>> = { SYN: 'syn', 'SYN+ACK': 'syn+ack', VXLAN: 'vxlan', DATA: 'udp' }

/** What the notes of a walk say of each Node, in one direction. */
function passesOf(notes: readonly Note[], direction: Direction, nodes: ReadonlySet<string>): readonly Pass[] {
  const passes: Pass[] = []
  for (const note of notes) {
    if (note.direction !== direction || !nodes.has(note.host)) continue
    const last = passes.at(-1)
    if (note.kind === 'packet-hook') {
      const { hook, packet, host } = note
      if (hook === 'PREROUTING' || hook === 'OUTPUT') {
        const tuple = tupleOf(packet)
        const at = hook === 'OUTPUT' ? hook : `PREROUTING ${note.inDevice}`
        const kind = KINDS[packet.flags] ?? packet.flags
        passes.push({ node: host, in: at, packet: kind, tuple, ttl: packet.ttl, out: '', leftTuple: tuple, leftTtl: packet.ttl })
      } else if (last !== undefined) {
        const out = hook === 'INPUT' ? 'delivered locally (INPUT)' : `POSTROUTING ${note.outDevice}`
        passes[passes.length - 1] = { ...last, out, leftTuple: tupleOf(packet), leftTtl: packet.ttl }
      }
    } else if (note.kind === 'rewrite' && last !== undefined) {
      const leftTuple = tupleOf(note.after)
      const isDestination = note.hook === 'PREROUTING' || note.hook === 'OUTPUT'
      passes[passes.length - 1] = { ...last, leftTuple, ...(isDestination ? { afterDnat: leftTuple } : {}) }
    }
  }
  return passes
}

/** The lab could not always tell which Node came first. */
function byNode(passes: readonly Pass[]): readonly Pass[] {
  return [...new Set(passes.map(({ node }) => node))].sort().flatMap((node) => passes.filter((pass) => pass.node === node))
}

tellCounts(() => 'kernel/overlay, every interface and header')

for (const file of readdirSync(data)) {
  const test: Case = JSON.parse(readFileSync(new URL(file, data), 'utf8'))
  describe(`devices and headers: ${file}`, () => {
    const net = open(test)
    const nodes = new Set([...net.hosts.values()].filter(({ kind }) => kind === 'node').map(({ name }) => name))
    it.each(test.probes.map((probe) => [probe.name, probe] as const))('%s', (_name, { from, to, proto, expect: expected }) => {
      const notes: Note[] = []
      const kernel = createKernel({ net, scratch: createScratch(), random: () => 0.5, trace: (note) => notes.push(note) })
      const host = from.replace(/^node\//, '')
      const [ip = '', port = ''] = to.split(':')
      const packet = firstPacket(kernel, host, { proto, ip, port: Number(port) }, CLIENT_PORT)
      if (packet === undefined) throw new Error('no source address')
      followRequest(kernel, { kind: 'own', host }, packet)
      expect(byNode(passesOf(notes, 'request', nodes))).toEqual(byNode(expected.request))
      expect(byNode(passesOf(notes, 'reply', nodes))).toEqual(byNode(expected.reply))
    })
  })
}
