import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { tellCounts } from '../../../testing/tellCounts.js'
import { runNext } from '../../core/engine.js'
import { endpointText } from '../../net/packet.js'
import type { Manifest } from '../api/client.js'
import { createCluster } from '../bootstrap/createCluster.js'
import type { World } from '../context.js'
import type { Messages } from '../messages.js'
import type { Parts } from '../parts.js'
import { behaviours } from '../registry.js'
import { traceRequest } from './traceRequest.js'

interface Case {
  readonly id: string
  readonly proxy: {
    readonly mode: 'iptables' | 'nftables'
    readonly serviceCIDRs?: string
    readonly nodeName: string
    readonly localDetector: { readonly type: string; readonly cidr?: string }
    readonly masqueradeAll: boolean
    readonly localhostNodePorts: boolean
    readonly nodePortAddresses: readonly string[] | null
  }
  readonly manifests: string
  readonly flows: readonly {
    readonly name: string
    readonly sourceIP: string
    readonly destIP: string
    readonly destPort: number
    readonly protocol: string
    readonly expect: { readonly to?: readonly string[]; readonly masquerade?: boolean; readonly verdict?: string }
  }[]
}

const data = new URL('./conformance/data/', import.meta.url)

function open({ proxy, manifests }: Case): World {
  const restore = parseAllDocuments(manifests).map((document): Manifest => document.toJS())
  const world = createCluster({
    seed: 'flows',
    restore,
    controllers: '-*',
    ...(proxy.serviceCIDRs === undefined ? {} : { cluster: { serviceSubnet: proxy.serviceCIDRs } }),
    kubeProxy: {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: proxy.mode,
      ...(proxy.localDetector.type === 'ClusterCIDR' ? { clusterCIDR: proxy.localDetector.cidr } : {}),
      ...(proxy.nodePortAddresses === null ? {} : { nodePortAddresses: proxy.nodePortAddresses }),
      [proxy.mode]: {
        masqueradeAll: proxy.masqueradeAll,
        ...(proxy.mode === 'iptables' ? { localhostNodePorts: proxy.localhostNodePorts } : {}),
      },
    },
  })
  // The session alone adds `person`; nothing is sent to it here.
  for (let guard = 0; world.foreground > 0 && guard < 100_000; guard++)
    runNext<Parts, Messages>(world, behaviours as never, () => undefined)
  return world
}

/** `flows: nft-terminating-...` */
tellCounts(([group = '']) => `flows-${group.startsWith('flows: nft') ? 'nftables' : 'iptables'}, on a whole cluster`)

for (const file of readdirSync(data)) {
  const test: Case = JSON.parse(readFileSync(new URL(file, data), 'utf8'))
  const world = open(test)
  describe(`flows: ${test.id}`, () => {
    it.each(test.flows.map((flow) => [flow.name, flow] as const))('%s', (_name, flow) => {
      const proto = flow.protocol.toLowerCase()
      if (proto !== 'tcp' && proto !== 'udp' && proto !== 'sctp') throw new Error(proto)
      const traced = traceRequest(
        world,
        { kind: 'packet', at: test.proxy.nodeName, src: flow.sourceIP, dst: endpointText(flow.destIP, flow.destPort), proto },
        { all: true },
      )
      if (!traced.ok) throw new Error(traced.error.message)
      const { outcomes } = traced.value
      expect(outcomes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9)
      const verdicts = new Set(outcomes.map(({ verdict }) => verdict))
      const destinations = [...new Set(outcomes.map(({ to }) => (to === undefined ? '' : endpointText(to.ip, to.port))))].sort()
      const { to, masquerade, verdict } = flow.expect
      if (to !== undefined) {
        expect(destinations).toEqual([...to].sort())
        for (const outcome of outcomes) expect(outcome.masqueraded).toBe(masquerade)
        expect([...verdicts].some((each) => each === 'dropped' || each === 'rejected')).toBe(false)
      } else if (verdict === 'DROP') expect([...verdicts]).toEqual(['dropped'])
      else if (verdict === 'REJECT') expect([...verdicts]).toEqual(['rejected'])
      else {
        expect(destinations).toEqual([endpointText(flow.destIP, flow.destPort)])
        expect([...verdicts].some((each) => each === 'dropped' || each === 'rejected')).toBe(false)
      }
    })
  })
}
