import { Batch } from '../cli/batch.js'
import { splitWords } from '../scenario/index.js'

export interface Said {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

const MANIFESTS = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: nginx, image: "nginx:1.27", ports: [{containerPort: 80}]}
      - {name: side, image: busybox, command: [sh, -c, "echo hello; sleep 3600"]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cfg}
data: {a-b: "1", c: "2"}
---
apiVersion: v1
kind: Pod
metadata: {name: lone, labels: {app: lone}}
spec: {containers: [{name: c, image: nginx}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: c, image: nginx}]}}}
`

/** For tests: a small running cluster, and a function that asks its kubectl. */
export function testCluster(
  more: Readonly<Record<string, string>> = {},
): (command: string, files?: Readonly<Record<string, string>>) => Said {
  const batch = new Batch()
  const ask = (verb: string, args: readonly string[], files: Readonly<Record<string, string>>): Said =>
    JSON.parse(batch.answer(JSON.stringify({ id: 0, verb, args, files, session: 's' }))) as Said
  ask('kubectl', ['version'], {})
  ask('kubectl', ['apply', '-f', 'base.yaml'], { 'base.yaml': MANIFESTS })
  ask('wait', ['20s'], {})
  return (command, files = {}) => ask('kubectl', splitWords(command), { ...more, ...files })
}
