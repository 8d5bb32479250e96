import { describe, expect, it } from 'vitest'
import { builtinScenario, STORY_IDS } from '../scenario/index.js'
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
    spec:
      containers:
      - {name: web, image: nginx:1.27, ports: [{containerPort: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
`,
}

const ask = (verb: string, ...args: readonly string[]) => runVerb({ verb, args, files: [WEB] })

describe('verbs', () => {
  it('[CLI1] rules prints the Node’s iptables-save text', () => {
    const { exit, stdout } = ask('rules', '--node', 'node3')
    expect(exit).toBe(0)
    expect(stdout).toContain('*nat\n')
    expect(stdout).toMatch(/^:KUBE-SERVICES - \[0:0\]$/m)
    expect(stdout).toMatch(/-A KUBE-NODEPORTS .*--dport 30080 -j KUBE-EXT-/)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .filter((line) => line === 'COMMIT').length,
    ).toBeGreaterThanOrEqual(2)
  })

  it('[CLI2] trace --all tells every outcome, and their probabilities add up to 1', () => {
    const { stdout } = ask('trace', '--from', 'client', '--to', '172.18.0.13:30080', '--all', '--json')
    const { outcomes } = JSON.parse(stdout) as {
      outcomes: { probability: number; verdict: string; to: { port: number }; masqueraded: boolean }[]
    }
    expect(outcomes).toHaveLength(2)
    expect(outcomes.map((each) => [each.verdict, each.to.port, each.masqueraded])).toEqual([
      ['delivered', 80, true],
      ['delivered', 80, true],
    ])
    expect(Math.abs(outcomes.reduce((sum, each) => sum + each.probability, 0) - 1)).toBeLessThan(1e-9)
  })

  it('[CLI3] trace --count counts where new connections went', () => {
    const { stdout } = ask(
      'trace',
      '--from',
      'node/node1',
      '--to',
      'web.default.svc.cluster.local:80',
      '--count',
      '100',
      '--json',
    )
    const { counts } = JSON.parse(stdout) as { counts: Record<string, number> }
    expect(Object.values(counts).reduce((sum, each) => sum + each, 0)).toBe(100)
    expect(Object.keys(counts)).toHaveLength(2)
  })

  it('[CLI4] the digest is the same after any detour', () => {
    const plain = ask('digest', '--until', '30s').stdout
    expect(plain).toMatch(/^[0-9a-f]{32}\n$/)
    expect(ask('digest', '--until', '30s', '--detour', '2').stdout).toBe(plain)
    expect(ask('digest', '--until', '40s').stdout).not.toBe(plain)
  })

  it('[CLI5] a link holds the scenario', () => {
    const link = ask('link').stdout.trim()
    expect(runVerb({ verb: 'open', args: [link], files: [] }).stdout).toBe(WEB.text)
    expect(runVerb({ verb: 'open', args: ['1broken'], files: [] })).toMatchObject({ exit: 1 })
  })

  it('[CLI6] run prints a List of everything; reach a matrix; schedule the reasons', () => {
    const list = JSON.parse(ask('run').stdout) as {
      kind: string
      items: { kind: string; metadata: { name: string; namespace?: string } }[]
    }
    expect(list.kind).toBe('List')
    const pods = list.items
      .filter((each) => each.kind === 'Pod' && each.metadata.namespace === 'default')
      .map((each) => each.metadata.name)
    expect(pods).toHaveLength(2)
    const { matrix } = JSON.parse(ask('reach', '--port', '80', '--json').stdout) as {
      matrix: Record<string, Record<string, boolean>>
    }
    expect(matrix[`default/${pods[0]}`]?.[`default/${pods[1]}`]).toBe(true)
    const report = JSON.parse(ask('schedule', '--pod', `default/${pods[0]}`, '--json').stdout) as {
      chosen: string
      nodes: Record<string, unknown>
    }
    expect(Object.keys(report.nodes)).toContain(report.chosen)
  })

  it('[CLI7] kubectl works on the cluster of the files', () => {
    expect(ask('kubectl', '--', 'get', 'svc', 'web', '-o', 'jsonpath={.spec.ports[0].nodePort}').stdout).toBe('30080')
    expect(ask('kubectl', '--', 'get', 'svc', 'nope')).toMatchObject({
      exit: 1,
      stderr: 'Error from server (NotFound): services "nope" not found\n',
    })
  })
})

describe('a whole cluster as it stands', () => {
  it('[CLI20] what run prints can be read again: the same Pods answer', () => {
    const list = ask('run').stdout
    const files = [{ name: 'backup.json', text: list }]
    const asked = { verb: 'trace', args: ['--from', 'client', '--to', '172.18.0.13:30080', '--all', '--json'] }
    expect(runVerb({ ...asked, files })).toEqual(runVerb({ ...asked, files: [WEB] }))
    const names = (given: readonly { readonly name: string; readonly text: string }[]) =>
      runVerb({ verb: 'kubectl', args: ['--', 'get', 'all,ns,cm,nodes', '-A', '-o', 'name'], files: given })
    expect(names(files)).toEqual(names([WEB]))
  })

  const NODE = `apiVersion: v1
kind: Node
metadata: {name: a}
spec: {podCIDR: 10.50.1.0/24}
status: {addresses: [{type: InternalIP, address: 192.168.7.1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {nodeName: a, containers: [{name: c, image: x}]}
status: {phase: Running, podIP: 10.50.1.5}
`

  it('[CLI22] a field of one value fills the one of several', () => {
    const files = [{ name: 'n.yaml', text: NODE }]
    const get = (what: string, path: string) =>
      runVerb({ verb: 'kubectl', args: ['--', 'get', what, '-o', `jsonpath={${path}}`], files }).stdout
    expect(get('pod/p', '.status.podIPs[0].ip')).toBe('10.50.1.5')
    expect(get('node/a', '.spec.podCIDRs[0]')).toBe('10.50.1.0/24')
  })

  it('[CLI23] a field that no object has is refused there too', () => {
    const files = [{ name: 'n.yaml', text: NODE.replace('nodeName: a', 'nodName: a') }]
    expect(runVerb({ verb: 'run', args: [], files })).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/^n\.yaml:10:8: .*unknown field "spec\.nodName"/),
    })
  })

  it('[CLI24] a Pod that says where it runs and with which address is found there, also among the default Nodes', () => {
    const pod = (name: string, ip: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: x}
spec: {nodeName: node1, containers: [{name: c, image: registry.k8s.io/e2e-test-images/agnhost:2.53, ports: [{containerPort: 80}]}]}
status: {phase: Running, podIP: ${ip}}
`
    const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n'
    const files = [{ name: 'pods.yaml', text: [namespace, pod('a', '10.244.0.11'), pod('b', '10.244.1.12')].join('---\n') }]
    const { matrix } = JSON.parse(runVerb({ verb: 'reach', args: ['--port', '80', '--json'], files }).stdout) as {
      readonly matrix: Record<string, Record<string, boolean>>
    }
    expect([matrix['x/a']?.['x/b'], matrix['x/b']?.['x/a'], matrix['x/a']?.['x/a']]).toEqual([true, true, undefined])
    const asked = ['get', 'pods', '-n', 'x', '-o', 'jsonpath={.items[*].status.podIP}']
    expect(runVerb({ verb: 'kubectl', args: ['--until', '10m', '--', ...asked], files }).stdout).toBe('10.244.0.11 10.244.1.12')
  })

  it('[CLI21] a Node may hold two dumps, one of each family', () => {
    const kind =
      'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking: {ipFamily: dual}\nnodes: [{role: control-plane}, {role: worker}]\n'
    const web = WEB.text.replace('type: NodePort', 'type: NodePort, ipFamilyPolicy: RequireDualStack')
    const files = [{ name: 'c.yaml', text: `${kind}---\n${web}` }]
    const dump = (family: string): string =>
      runVerb({ verb: 'rules', args: ['--node', 'node1', '--ip-family', family], files }).stdout
    const dumps = [
      { name: 'four', text: dump('ipv4') },
      { name: 'six', text: dump('ipv6') },
    ]
    for (const to of ['172.18.0.11:30080', '[fc00:f853:ccd:e793::11]:30080']) {
      const args = ['--from', 'client', '--to', to, '--all', '--json']
      const told = runVerb({ verb: 'trace', args, files })
      expect(told.stdout).toContain('"verdict":"delivered"')
      const both = ['--rules', 'node1=four', '--rules', 'node1=six']
      expect(runVerb({ verb: 'trace', args: [...args, ...both], files: [...files, ...dumps] })).toEqual(told)
    }
  })
})

describe('what goes wrong', () => {
  const open = (text: string) => runVerb({ verb: 'run', args: [], files: [{ name: 'a.yaml', text }] })

  it('[CLI8] is told with file, line and column', () => {
    expect(open('apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n')).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/^a\.yaml:4:1: /),
    })
    const refused = open(
      'kind: ConfigMap\napiVersion: v1\nmetadata: {name: ok}\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: s\nspec:\n  ports:\n  - port: 0\n',
    )
    expect(refused).toMatchObject({ exit: 1, stderr: expect.stringMatching(/^a\.yaml:11:5: Service "s" is invalid: /) })
  })

  it('[CLI9] wrong usage is exit status 2', () => {
    expect(ask('rules')).toMatchObject({ exit: 2, stderr: 'option --node is required\n' })
    expect(ask('rules', '--nodes', 'x')).toMatchObject({ exit: 2 })
    expect(ask('trace', '--from', 'client')).toMatchObject({ exit: 2 })
    expect(ask('rules', '--node', 'node9')).toMatchObject({ exit: 1, stderr: 'nodes "node9" not found\n' })
  })
})

describe('check', () => {
  const scenario = {
    name: 's.yaml',
    text: `apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata: {name: s}
spec:
  checks:
  - name: three replicas
    object: {resource: deployments, key: default/web, path: spec.replicas, equals: 3}
  - name: the page answers
    trace: {from: client, to: '172.18.0.11:30080', verdict: delivered, pods: [default/web-*]}
---
${WEB.text}`,
  }

  it('[CLI10] marks a submission by running it', () => {
    const before = runVerb({ verb: 'check', args: ['--json'], files: [scenario] })
    expect(before.exit).toBe(1)
    expect(JSON.parse(before.stdout)).toEqual({
      passed: false,
      checks: [
        { name: 'three replicas', ok: false, found: '2' },
        { name: 'the page answers', ok: true },
      ],
    })
    const submission = { name: 'mine.yaml', text: WEB.text.replace('replicas: 2', 'replicas: 3') }
    expect(runVerb({ verb: 'check', args: [], files: [scenario, submission] })).toMatchObject({ exit: 0 })
  })

  it.each(STORY_IDS)('[CLI11] %s can be opened and read from the command line', (id) => {
    const files = builtinScenario(id) ?? []
    expect(runVerb({ verb: 'kubectl', args: ['--', 'get', 'nodes'], files })).toMatchObject({ exit: 0 })
  })
})

describe('batch', () => {
  it('[CLI12] answers in order, keeps sessions apart, and survives nonsense', () => {
    const batch = new Batch()
    const files = { 'web.yaml': WEB.text }
    const send = (request: object) =>
      JSON.parse(batch.answer(JSON.stringify(request))) as { id: unknown; exit: number; stdout: string }
    expect(send({ id: 'a', verb: 'kubectl', files, args: ['get', 'deploy', '--no-headers'], session: 's' }).stdout).toMatch(
      /^web +2\/2/,
    )
    expect(send({ id: 'b', verb: 'kubectl', args: ['scale', 'deploy', 'web', '--replicas=4'], session: 's' }).stdout).toBe(
      'deployment.apps/web scaled\n',
    )
    expect(send({ id: 'c', verb: 'wait', args: ['30s'], session: 's' })).toEqual({ id: 'c', exit: 0, stdout: '', stderr: '' })
    expect(send({ id: 'd', verb: 'kubectl', args: ['get', 'deploy', '--no-headers'], session: 's' }).stdout).toMatch(/^web +4\/4/)
    expect(send({ id: 'e', verb: 'kubectl', files, args: ['get', 'deploy', '--no-headers'] }).stdout).toMatch(/^web +2\/2/)
    expect(send({ id: 'f', verb: 'nonsense', files })).toMatchObject({ id: 'f', exit: 2 })
    expect(JSON.parse(batch.answer('{'))).toMatchObject({ id: null, exit: 2 })
  })
})
