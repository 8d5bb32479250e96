import { describe, expect, it } from 'vitest'
import { formatSourceError, locate, readDocuments, readScenario, suggestFix } from './index.js'

const file = (text: string, name = 'web.yaml') => ({ name, text })

function errorsOf(text: string): readonly string[] {
  const read = readScenario([file(text)])
  return read.ok ? [] : read.error.map(formatSourceError)
}

function valuesOf(text: string): readonly unknown[] {
  const read = readDocuments([file(text)])
  if (!read.ok) throw new Error(read.error.map(formatSourceError).join('\n'))
  return read.value.documents.map((each) => each.value)
}

describe('reading documents', () => {
  it('[SC1] reads several documents with comments, anchors, merge keys and CRLF, and leaves empty ones out', () => {
    const text =
      '# first\r\nkind: A\r\nlabels: &l {app: web}\r\n---\r\n---\r\n# only a comment\r\n---\r\nkind: B\r\nlabels:\r\n  <<: *l\r\n  b: "2"\r\n'
    expect(() => valuesOf(text)).toThrow(/l/)
    expect(valuesOf(text.replace('<<: *l', 'c: d'))).toEqual([
      { kind: 'A', labels: { app: 'web' } },
      { kind: 'B', labels: { c: 'd', b: '2' } },
    ])
    expect(valuesOf('a: &x {p: 1}\nb:\n  <<: *x\n  q: 2\n')).toEqual([{ a: { p: 1 }, b: { p: 1, q: 2 } }])
  })

  it('[SC2] points at a full-width mark where it stands in the way', () => {
    expect(errorsOf('apiVersion: v1\nkind：Pod\nmetadata:\n  name: x\n')[0]).toMatch(/^web\.yaml:2:5: the full-width ：/)
    expect(errorsOf('apiVersion: v1\nkind: Pod # 註解：全形\nmetadata:\n  name: 甲：乙\n').join()).not.toContain('full-width')
  })

  it('[SC2] points at a tab, with line and column', () => {
    expect(errorsOf('apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n')[0]).toMatch(/^web\.yaml:4:1: a tab/)
  })

  it('[SC3] reads plain scalars as the real tools do', () => {
    expect(valuesOf('a: yes\nb: off\nc: 010\nd: 80:80\ne: 2025-01-01\nf: "yes"\ng: 1e3\n')).toEqual([
      { a: true, b: false, c: 8, d: '80:80', e: '2025-01-01', f: 'yes', g: 1000 },
    ])
  })

  it('[SC4] opens Lists and remembers where each item stands', () => {
    const text =
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n- apiVersion: v1\n  kind: Pod\n'
    const read = readDocuments([file(text)])
    expect(read.ok && read.value.documents.map((each) => [each.path, each.place.line])).toEqual([
      ['items[0]', 4],
      ['items[1]', 8],
    ])
    expect(locate(file(text), 0, 'metadata.name', 'items[0]')).toMatchObject({ line: 7, column: 5 })
  })

  it('[SC5] finds the line of an API error’s field, and the nearest one that is there', () => {
    const text =
      'kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: a\n        ports:\n        - containerPort: 80\n'
    expect(locate(file(text), 0, 'spec.template.spec.containers[0].ports[0].containerPort')).toMatchObject({
      line: 8,
      column: 11,
    })
    expect(locate(file(text), 0, 'spec.template.spec.containers[0].image')).toMatchObject({ line: 6, column: 9 })
  })

  it('[SC6] tells of a key that is set twice, and takes the last one', () => {
    const read = readDocuments([file('data:\n  a: 1\n  a: 2\n')])
    expect(read.ok && read.value.documents[0]?.value).toEqual({ data: { a: 2 } })
    expect(read.ok && read.value.warnings.map((each) => [each.code, each.line])).toEqual([['duplicate-key', 3]])
  })

  it('[SC7] refuses what is too large, too deep or expands without end, at once', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)
      .join('\n')}\n`
    const codes = (text: string) => {
      const read = readDocuments([file(text)])
      return read.ok ? [] : read.error.map((each) => each.code)
    }
    expect(codes(bomb)).toEqual(['too-many-aliases'])
    expect(codes('['.repeat(20_000)).length).toBeLessThanOrEqual(20)
    expect(codes(`a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`)).toHaveLength(1)
    expect(codes(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`)).toEqual(['too-deep'])
    expect(codes('x'.repeat(5_000_001))).toEqual(['too-large'])
  })
})

describe('reading scenarios', () => {
  it('[SC8] takes kind’s Cluster: Nodes, subnets, mode', () => {
    const read = readScenario([
      file(
        'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking:\n  podSubnet: 10.10.0.0/16\n  kubeProxyMode: nftables\nnodes:\n- role: control-plane\n- role: worker\n  labels: {disk: ssd}\n- role: worker\n',
      ),
    ])
    expect(read.ok && read.value.cluster).toMatchObject({
      podSubnet: '10.10.0.0/16',
      proxyMode: 'nftables',
      nodes: [{ name: 'control-plane' }, { name: 'node1', labels: { disk: 'ssd' } }, { name: 'node2' }],
    })
  })

  it('[SC9] points at every fault of its own documents', () => {
    const text =
      'apiVersion: podpath.dev/v1alpha1\nkind: Scenario\nmetadata:\n  name: x\nspec:\n  titel: y\n  actions:\n  - at: soon\n    wait: 5s\n'
    expect(errorsOf(text)).toEqual([
      'web.yaml:6:3: spec.titel: unknown field',
      'web.yaml:8:5: spec.actions[0].at: "soon" is not a time such as 5s or 1m30s',
    ])
    expect(errorsOf('- a\n- b\n')[0]).toMatch(/^web\.yaml:1:1: a manifest must be a map/)
    expect(errorsOf('kind: Pod\n')[0]).toBe('web.yaml:1:1: apiVersion: is required')
  })

  it('[SC10] a file with Nodes is a whole cluster as it stands', () => {
    const read = readScenario([file('apiVersion: v1\nkind: Node\nmetadata: {name: n}\n')])
    expect(read.ok && read.value.isWholeCluster).toBe(true)
  })
})

describe('one-click fixes', () => {
  const fixOf = (text: string): string | undefined => {
    const read = readDocuments([file(text)])
    const [document] = read.ok ? read.value.documents : []
    return document === undefined ? undefined : suggestFix(document, text)?.text
  }

  it('[SC11] moves an old Deployment to apps/v1 with a selector, and keeps comments', () => {
    const text =
      '# mine\napiVersion: extensions/v1beta1 # old\nkind: Deployment\nmetadata:\n  name: nginx\nspec:\n  replicas: 3\n  template: # t\n    metadata:\n      labels:\n        app: nginx\n    spec: {}\n'
    expect(fixOf(text)).toBe(
      '# mine\napiVersion: apps/v1 # old\nkind: Deployment\nmetadata:\n  name: nginx\nspec:\n  replicas: 3\n  selector:\n    matchLabels:\n      app: nginx\n  template: # t\n    metadata:\n      labels:\n        app: nginx\n    spec: {}\n',
    )
  })

  it('[SC12] rewrites an Ingress’ backends', () => {
    const text =
      'apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nmetadata: {name: i}\nspec:\n  rules:\n  - http:\n      paths:\n      - path: /\n        backend:\n          serviceName: web\n          servicePort: 80\n'
    const fixed = fixOf(text) ?? ''
    expect(fixed).toContain('apiVersion: networking.k8s.io/v1\n')
    expect(fixed).toContain('        pathType: Prefix\n        backend:\n          {service: {name: web, port: {number: 80}}}')
  })

  it('[SC13] has nothing to say of a manifest of today', () => {
    expect(fixOf('apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n')).toBeUndefined()
  })
})
