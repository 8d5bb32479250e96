/**
 * Large clusters: how long they take to come up, what one action in them costs, and what they hold.
 * Times are of this process's own CPU, so that a busy machine does not change them much.
 */
import { readScenario } from '../../src/scenario/index.js'
import type { Session } from '../../src/session/index.js'
import { act, buildScene, openSession, toSessionInput } from '../../src/session/index.js'

/** A cluster's size: workers, and Pods of one Deployment behind one Service. */
interface Size {
  readonly nodes: number
  readonly pods: number
}

const SMALL: readonly Size[] = [{ nodes: 100, pods: 300 }]
const LARGE: readonly Size[] = [
  { nodes: 100, pods: 1_000 },
  { nodes: 1_000, pods: 0 },
  { nodes: 1_000, pods: 10_000 },
]

/** Sizes as `100x1000,1000x0`, workers by Pods. */
function sizesOf(text: string): readonly Size[] {
  if (text === 'large') return LARGE
  return text.split(',').map((each) => {
    const [nodes = '0', pods = '0'] = each.split('x')
    return { nodes: Number(nodes), pods: Number(pods) }
  })
}

export function filesOf({ nodes, pods }: Size): { name: string; text: string }[] {
  const workers = Array.from({ length: nodes }, () => '  - role: worker').join('\n')
  const cluster = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking:
  podSubnet: 10.128.0.0/10
nodes:
  - role: control-plane
${workers}
`
  const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${pods}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: nginx, ports: [{containerPort: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [{port: 80}]
`
  return [{ name: 'cluster.yaml', text: pods === 0 ? cluster : `${cluster}---\n${web}` }]
}

function cpuOf(work: () => void): number {
  const started = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(started)
  return Math.round((user + system) / 1_000)
}

function openSize(size: Size): Session {
  const input = readScenario(filesOf(size))
  if (!input.ok) throw new Error(`the cluster of ${size.nodes} Nodes does not read: ${JSON.stringify(input.error)}`)
  return openSession(toSessionInput(input.value))
}

const REQUEST = { type: 'request', request: { from: 'client', to: 'service/default/web:80', proto: 'tcp' } } as const

/** Figures of large clusters by name; `sizes` as in `PODPATH_BENCH_SCALE`: `large`, or `100x1000,1000x0`. */
export function benchScale(sizes: string | undefined = process.env['PODPATH_BENCH_SCALE']): Record<string, number> {
  const figures: Record<string, number> = {}
  for (const size of sizes === undefined || sizes === '' ? SMALL : sizesOf(sizes)) {
    const name = `scale.${size.nodes}Nodes${size.pods}Pods`
    const opened: Session[] = []
    figures[`${name}.settledCpuMs`] = cpuOf(() => opened.push(openSize(size)))
    const [session] = opened
    if (session === undefined) continue
    figures[`${name}.sceneCpuMs`] = cpuOf(() => void buildScene(session.history.world))
    if (size.pods > 0) {
      figures[`${name}.requestCpuMs`] = cpuOf(() => void act(session, REQUEST))
      const scale = ['scale', 'deployment', 'web', `--replicas=${size.pods + 1}`]
      figures[`${name}.scaleByOneCpuMs`] = cpuOf(() => void act(session, { type: 'kubectl', args: scale, files: {} }))
    }
    figures[`${name}.residentMB`] = Math.round(process.memoryUsage().rss / 1_048_576)
  }
  return figures
}
