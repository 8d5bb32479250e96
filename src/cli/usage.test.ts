import { describe, expect, it } from 'vitest'
import { Batch } from './batch.js'
import { runVerb } from './runVerb.js'

const WEB = {
  name: 'web.yaml',
  text: `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx:1.27, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
`,
}

const ask = (verb: string, ...args: readonly string[]) => runVerb({ verb, args, files: [WEB] })
const TRACE = ['--from', 'client', '--to', '172.18.0.11:30080'] as const

function batchAnswers(...requests: readonly unknown[]): readonly unknown[] {
  const batch = new Batch()
  return requests.map((each) => JSON.parse(batch.answer(typeof each === 'string' ? each : JSON.stringify(each))) as unknown)
}

describe('wrong usage is exit status 2', () => {
  it.each([
    ['trace', '--from', 'client', '--to', '999.1.1.1:80'],
    ['trace', '--from', 'client', '--to', '10.96.0:80'],
    ['trace', '--from', 'client', '--to', '10.96.0.1:70000'],
    ['trace', '--from', '--to', '10.96.0.1:80'],
    ['trace', ...TRACE, '--json=maybe'],
    ['trace', ...TRACE, '--at', 'node1'],
    ['trace', ...TRACE, '--src', '1.2.3.4'],
    ['trace', ...TRACE, '--controllers', 'nobody'],
    ['trace', ...TRACE, '--proto', 'icmp'],
    ['trace', ...TRACE, '--node', 'node1'],
    ['trace', ...TRACE, 'nofile.yaml'],
    ['trace', ...TRACE, '-x'],
    ['schedule', '--pod', 'a/b/c'],
    ['reach', '--port', '99999'],
    ['reach', '--port', '0'],
    ['digest', '--detour', '-1'],
    ['run', '--until', '5'],
    ['open'],
  ])('[USE1] %s %s %s %s %s %s %s', (verb, ...args) => {
    const { exit, stdout, stderr } = runVerb({ verb, args, files: verb === 'open' ? [] : [WEB] })
    expect([exit, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^.+\n$/)
  })

  it('[USE2] protocols may be written as manifests write them', () => {
    expect(ask('trace', ...TRACE, '--proto', 'TCP', '--json').stdout).toContain('"verdict":"delivered"')
  })
})

describe('what is not simulated is said', () => {
  it.each(['ipvs', 'userspace'])('[USE3] rules and ways of %s mode are not made up', (mode) => {
    expect(ask('rules', '--node', 'node1', '--proxy-mode', mode)).toMatchObject({ exit: 1, stdout: '' })
    expect(ask('trace', ...TRACE, '--proxy-mode', mode)).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining(`${mode} mode is not simulated`),
    })
  })

  it('[USE4] NetworkPolicies are kept but not enforced', () => {
    const policy = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {}}\n'
    const files = [WEB, { name: 'policy.yaml', text: policy }]
    for (const [verb, ...args] of [
      ['reach', '--port', '80'],
      ['trace', ...TRACE],
    ]) {
      expect(runVerb({ verb: verb ?? '', args, files })).toMatchObject({
        exit: 0,
        stderr: expect.stringContaining('not enforced'),
      })
    }
    expect(ask('reach', '--port', '80').stderr).toBe('')
  })
})

describe('configuration documents', () => {
  const configured = (text: string) => runVerb({ verb: 'rules', args: ['--node', 'node1'], files: [{ name: 'c.yaml', text }] })
  const PROXY = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n'
  const SCHEDULER = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n'

  it.each([
    [`${PROXY}mode: foo\n`, /^c\.yaml:3:1: .*"foo"/],
    [`${PROXY}clusterCIDR: 10.0.0.0\n`, /^c\.yaml:3:1: .*"10\.0\.0\.0"/],
    [`${PROXY}nodePortAddresses:\n- 10.0.0.0/8\n- x\n`, /^c\.yaml:5:3: .*"x"/],
    [`${PROXY}iptables:\n  masqueradeBit: 40\n`, /^c\.yaml:4:3: .*31/],
    [
      `${SCHEDULER}profiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n    args: {scoringStrategy: {type: Most}}\n`,
      /^c\.yaml:6:30: profiles\[0\]\.pluginConfig\[0\]\.args\.scoringStrategy\.type: Unsupported value: "Most"/,
    ],
    [
      `${SCHEDULER}profiles:\n- pluginConfig:\n  - name: InterPodAffinity\n    args: {hardPodAffinityWeight: 200}\n`,
      /not in valid range \[0, 100\]/,
    ],
  ])('[USE5] that the component would not start with are refused at their line', (text, wanted) => {
    expect(configured(text)).toMatchObject({ exit: 1, stdout: '', stderr: expect.stringMatching(wanted) })
  })

  it('[USE6] with what kubeadm writes are taken', () => {
    const text = `${PROXY}bindAddress: 0.0.0.0\nclusterCIDR: ""\nmode: ""\nnodePortAddresses: null\niptables: {syncPeriod: 30s, minSyncPeriod: 0s, masqueradeBit: 14, localhostNodePorts: null}\n`
    expect(configured(text).exit).toBe(0)
    expect(configured(`${SCHEDULER}profiles: [{schedulerName: default-scheduler}]\n`).exit).toBe(0)
  })
})

describe('files', () => {
  const names = (text: string, name = 'a.json') =>
    runVerb({ verb: 'kubectl', args: ['--', 'get', 'cm', '-o', 'name'], files: [{ name, text }] })
  const map = (name: string): string => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}}`

  it('[USE7] JSON objects may follow each other, as kubectl reads them', () => {
    expect(names(`${map('a')}\n${map('b')}`).stdout).toContain('configmap/a\nconfigmap/b\n')
    expect(names(`${map('a')}\n${map('B')}`)).toMatchObject({ exit: 1, stderr: expect.stringMatching(/^a\.json:2:51: /) })
    expect(names(`${map('a')},${map('b')}`).exit).toBe(1)
  })

  it('[USE8] a refusal stands at the object, or the field, that is at fault', () => {
    const twice =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'
    expect(names(twice, 'a.yaml').stderr).toBe('a.yaml:5:1: configmaps "a" already exists\n')
    const lost = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: nope\n'
    expect(names(lost, 'a.yaml').stderr).toBe('a.yaml:5:3: namespaces "nope" not found\n')
  })

  it('[USE9] more than the page would read: the command line has time', () => {
    const items = Array.from({ length: 60 }, (_, at) => `${map(`m${at}`).slice(0, -1)},"data":{"a":"${'x'.repeat(100_000)}"}}`)
    const text = `{"apiVersion":"v1","kind":"List","items":[${items.join(',')}]}`
    expect(
      names(text)
        .stdout.split('\n')
        .filter((line) => /\/m\d/.test(line)),
    ).toHaveLength(60)
    expect(names('x'.repeat(50_000_000)).stderr).toMatch(/^a\.json:1:1: the text is too large: 50\.0 MB/)
  })
})

describe('batch', () => {
  it('[USE10] answers every request with its id, also one that cannot be read', () => {
    expect(
      batchAnswers(
        '{',
        '[]',
        { id: 1 },
        { id: 'b', verb: 'x' },
        { id: 3, verb: 'run', files: { a: 1 } },
        { id: 4, verb: 'run', args: 'x' },
      ),
    ).toMatchObject([
      { id: null, exit: 2 },
      { id: null, exit: 2 },
      { id: 1, exit: 2 },
      { id: 'b', exit: 2 },
      { id: 3, exit: 2 },
      { id: 4, exit: 2 },
    ])
  })

  it('[USE11] kubectl’s own -- stays kubectl’s, with and without a session', () => {
    const files = { 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' }
    const answers = batchAnswers(
      { id: 1, verb: 'kubectl', files, args: ['create', 'job', 'j', '--image=busybox', '--', 'date'] },
      { id: 2, verb: 'kubectl', files, args: ['create', 'job', 'j', '--image=busybox', '--', 'date'], session: 's' },
      {
        id: 3,
        verb: 'kubectl',
        args: ['get', 'job', 'j', '-o', 'jsonpath={.spec.template.spec.containers[0].command}'],
        session: 's',
      },
      { id: 4, verb: 'kubectl', files, args: ['--until', '20s', '--', 'get', 'cm', 'a', '-o', 'name'] },
    )
    expect(answers).toMatchObject([
      { exit: 0, stdout: 'job.batch/j created\n' },
      { exit: 0, stdout: 'job.batch/j created\n' },
      { exit: 0, stdout: '["date"]' },
      { exit: 0, stdout: 'configmap/a\n' },
    ])
  })

  it('[USE12] -f takes a directory’s manifests in order', () => {
    const map = (name: string): string => `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}}`
    const files = { 'd/2.yaml': map('two'), 'd/1.yaml': map('one'), 'd/notes.txt': 'x', 'd/e/3.yaml': map('three') }
    const [, applied, missing] = batchAnswers(
      { id: 1, verb: 'wait', args: ['1s'], session: 's' },
      { id: 2, verb: 'kubectl', args: ['apply', '-f', 'd'], files, session: 's' },
      { id: 3, verb: 'kubectl', args: ['apply', '-f', 'e'], files, session: 's' },
    )
    expect(applied).toMatchObject({ exit: 0, stdout: 'configmap/one created\nconfigmap/two created\n' })
    expect(missing).toMatchObject({ exit: 1, stderr: 'error: the path "e" does not exist\n' })
  })
})

it('[USE13] a seed draws other ways of a trace, of the same cluster', () => {
  const counted = (seed: string) => {
    const { stdout } = ask('trace', ...TRACE, '--count', '60', '--seed', seed, '--json')
    return (JSON.parse(stdout) as { counts: Record<string, number> }).counts
  }
  expect(counted('1')).toEqual(counted('1'))
  expect(counted('1')).not.toEqual(counted('2'))
  expect(Object.keys(counted('1')).sort()).toEqual(Object.keys(counted('2')).sort())
})

it('[USE14] looking takes no time, whatever flags stand before the command', () => {
  const batch = new Batch()
  const ask = (...args: readonly string[]): string =>
    batch.answer(JSON.stringify({ id: 1, verb: args[0], args: args.slice(1), session: 's' }))
  const before = ask('digest')
  expect(ask('kubectl', '-n', 'kube-system', 'get', 'pods', '-o', 'name')).toContain('pod/etcd-control-plane')
  expect(ask('kubectl', '--namespace', 'kube-system', 'describe', 'cm', 'kube-proxy')).toContain('"exit":0')
  expect(ask('digest')).toBe(before)
  expect(ask('kubectl')).toContain('"stdout":"kubectl controls the Kubernetes cluster manager.')
})

describe('schedule tells who did not ask the scheduler', () => {
  const pod = (spec: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {${spec}, containers: [{name: c, image: nginx}]}\n`
  it.each([
    [pod('schedulingGates: [{name: example.com/wait}]'), 'Scheduling is blocked due to non-empty scheduling gates'],
    [pod('schedulerName: mine'), 'no scheduler is called mine'],
  ])('[USE15] %#', (text, message) => {
    const { stdout } = runVerb({ verb: 'schedule', args: ['--pod', 'default/p', '--json'], files: [{ name: 'p.yaml', text }] })
    const report = JSON.parse(stdout) as { readonly chosen?: string; readonly message: string }
    expect([report.chosen, report.message]).toEqual([undefined, message])
  })

  it('[USE16] of a static Pod, its Node', () => {
    const { stdout } = ask('schedule', '--pod', 'kube-system/etcd-control-plane', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      chosen: 'control-plane',
      message: 'a static Pod of control-plane: no scheduler was asked',
    })
  })
})

it('[USE17] an address that a Node has is the Node’s: nobody outside sends from it, and nothing is handed elsewhere for it', () => {
  expect(ask('trace', '--from', 'client/172.18.0.11', '--to', '172.18.0.12:30080')).toMatchObject({ exit: 2, stdout: '' })
  const told = ask('trace', ...TRACE, '--all', '--json')
  expect(ask('trace', ...TRACE, '--all', '--json', '--deliver-to', 'node2')).toEqual(told)
})
