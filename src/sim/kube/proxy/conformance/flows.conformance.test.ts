import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dataPath, readData } from '../../../../testing/kubeProxy/load.js'
import { openRestored } from '../../../../testing/kubeProxy/restored.js'
import { tellCounts } from '../../../../testing/tellCounts.js'
import type { World } from '../../context.js'
import { traceRequest } from '../../traffic/traceRequest.js'

interface Flow {
  readonly name: string
  readonly sourceIP: string
  readonly destIP: string
  readonly destPort: number
  readonly protocol: string
  readonly expect: { readonly to?: readonly string[]; readonly masquerade?: boolean; readonly verdict?: string }
}

interface Case {
  readonly id: string
  readonly proxy: {
    readonly nodeName: string
    readonly ipFamily: string
    readonly localDetector: { readonly type: string; readonly cidr?: string } | null
    readonly masqueradeAll: boolean
    readonly localhostNodePorts?: boolean
    readonly nodePortAddresses: readonly string[] | null
  }
  readonly manifests: string
  readonly flows: readonly Flow[]
}

function open({ manifests, proxy }: Case): World {
  return openRestored(manifests, {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    ...(proxy.localDetector?.cidr === undefined ? {} : { clusterCIDR: proxy.localDetector.cidr }),
    iptables: { masqueradeAll: proxy.masqueradeAll, localhostNodePorts: proxy.localhostNodePorts ?? true },
    nodePortAddresses: proxy.nodePortAddresses ?? [],
  })
}

/** What kube-proxy's rules did, in the words of the cases. */
function toldBy(world: World, each: Case, flow: Flow): Flow['expect'] {
  const dst = flow.destIP.includes(':') ? `[${flow.destIP}]:${flow.destPort}` : `${flow.destIP}:${flow.destPort}`
  const proto = flow.protocol.toLowerCase()
  if (proto !== 'tcp' && proto !== 'udp' && proto !== 'sctp') throw new Error(proto)
  const traced = traceRequest(world, { kind: 'packet', at: each.proxy.nodeName, src: flow.sourceIP, dst, proto }, { all: true })
  if (!traced.ok) throw new Error(traced.error.message)
  const { outcomes } = traced.value
  const [first] = outcomes
  if (first === undefined) throw new Error('no outcome')
  if (first.verdict === 'dropped') return { verdict: 'DROP' }
  if (first.verdict === 'rejected') return { verdict: 'REJECT' }
  const texts = first.hops.map((hop) => hop.text)
  if (texts.some((text) => text.includes('-j DNAT'))) {
    const to = outcomes.map((outcome) => `${outcome.to?.ip}:${outcome.to?.port}`).toSorted()
    return { to: [...new Set(to)], masquerade: outcomes.some((outcome) => outcome.masqueraded) }
  }
  return { verdict: texts.some((text) => text.includes('-j ACCEPT')) ? 'ACCEPT' : 'NONE' }
}

tellCounts('flows-iptables')

describe('where packets go (iptables)', () => {
  for (const file of readdirSync(dataPath('flows-iptables')).toSorted()) {
    const each = JSON.parse(readData(`flows-iptables/${file}`)) as Case
    describe(each.id, () => {
      const world = open(each)
      it.each(each.flows)('$name', (flow) => {
        expect(toldBy(world, each, flow)).toEqual(flow.expect)
      })
    })
  }
})
