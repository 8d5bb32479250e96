import { expect, it } from 'vitest'
import { Batch } from './batch.js'

const DATABASE = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: mysql}
spec:
  serviceName: mysql
  selector: {matchLabels: {app: mysql}}
  template:
    metadata: {labels: {app: mysql}}
    spec:
      containers:
      - name: mysql
        image: mysql:8
        env: [{name: MYSQL_ROOT_PASSWORD, value: secret}]
        ports: [{containerPort: 3306}]
        volumeMounts: [{name: data, mountPath: /var/lib/mysql}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /data}}
`

it('[CLI11] a database mounts what its claim templates promise', () => {
  const batch = new Batch()
  const answer = (request: object): unknown => JSON.parse(batch.answer(JSON.stringify({ id: 1, session: 's', ...request })))
  answer({ verb: 'kubectl', args: ['get', 'nodes'] })
  expect(answer({ verb: 'kubectl', args: ['apply', '-f', 'f.yaml'], files: { 'f.yaml': DATABASE } })).toMatchObject({
    exit: 0,
    stdout: 'statefulset.apps/mysql created\npersistentvolume/disk created\n',
    stderr: '',
  })
  answer({ verb: 'wait', args: ['60s'] })
  expect(answer({ verb: 'kubectl', args: ['get', 'pod/mysql-0', '--no-headers'] })).toMatchObject({
    stdout: expect.stringMatching(/^mysql-0 +1\/1 +Running/),
  })
})

it('[CLI12] a Job is made of a CronJob by hand', () => {
  const batch = new Batch()
  const ask = (verb: string, ...args: readonly string[]): unknown =>
    JSON.parse(batch.answer(JSON.stringify({ id: 1, session: 's', verb, args })))
  ask('kubectl', 'create', 'cronjob', 'tick', '--image=busybox', '--schedule=0 0 1 1 *', '--', 'date')
  expect(ask('kubectl', 'create', 'job', 'now', '--from=cronjob/tick')).toMatchObject({
    exit: 0,
    stdout: 'job.batch/now created\n',
  })
  ask('wait', '30s')
  const wanted = 'jsonpath={.metadata.ownerReferences[0].name} {.metadata.annotations} {.status.succeeded}'
  expect(ask('kubectl', 'get', 'job', 'now', '-o', wanted)).toMatchObject({
    stdout: 'tick {"cronjob.kubernetes.io/instantiate":"manual"} 1',
  })
  expect(ask('kubectl', 'create', 'job', 'x', '--from=cronjob/none')).toMatchObject({
    exit: 1,
    stderr: 'Error from server (NotFound): cronjobs.batch "none" not found\n',
  })
})

it('[CLI13] roles, bindings, budgets, priorities and ingresses are made by a word', () => {
  const batch = new Batch()
  const ask = (...args: readonly string[]): { readonly exit: number; readonly stdout: string; readonly stderr: string } =>
    JSON.parse(batch.answer(JSON.stringify({ id: 1, session: 's', verb: 'kubectl', args }))) as ReturnType<typeof ask>
  const made = [
    ask('create', 'role', 'r', '--verb=get,list', '--resource=pods,deploy.apps,pods/log'),
    ask('create', 'clusterrole', 'cr', '--verb=get', '--resource=nodes', '--resource-name=node1'),
    ask('create', 'rolebinding', 'rb', '--role=r', '--user=ann', '--serviceaccount=default:default'),
    ask('create', 'clusterrolebinding', 'crb', '--clusterrole=cr', '--group=readers'),
    ask('create', 'pdb', 'p', '--selector=app=web', '--min-available=50%'),
    ask('create', 'priorityclass', 'high', '--value=1000', '--description=first'),
    ask('create', 'ingress', 'i', '--class=nginx', '--rule=example.org/shop*=web:80,tls=cert', '--rule=example.org/=web:http'),
  ]
  expect(made.map(({ stdout, stderr }) => stdout + stderr)).toEqual([
    'role.rbac.authorization.k8s.io/r created\n',
    'clusterrole.rbac.authorization.k8s.io/cr created\n',
    'rolebinding.rbac.authorization.k8s.io/rb created\n',
    'clusterrolebinding.rbac.authorization.k8s.io/crb created\n',
    'poddisruptionbudget.policy/p created\n',
    'priorityclass.scheduling.k8s.io/high created\n',
    'ingress.networking.k8s.io/i created\n',
  ])
  expect(ask('get', 'role', 'r', '-o', 'jsonpath={.rules}').stdout).toBe(
    '[{"apiGroups":[""],"resources":["pods","pods/log"],"verbs":["get","list"]},{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get","list"]}]',
  )
  expect(ask('get', 'ingress', 'i', '-o', 'jsonpath={.spec.rules[0].http.paths[*].path} {.spec.tls}').stdout).toBe(
    '/shop / [{"hosts":["example.org"],"secretName":"cert"}]',
  )
  expect(ask('create', 'rolebinding', 'x', '--user=u').stderr).toBe(
    'error: exactly one of clusterrole or role must be specified\n',
  )
})
