import { describe, expect, it } from 'vitest'
import { builtinScenario, readScenario } from '../scenario/index.js'
import { act, checkManifest, openSession, toSessionInput } from './index.js'

const deployment = (lines: Readonly<Record<string, string>>): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${lines['name'] ?? 'fresh'}
  labels:
    app: ${lines['label'] ?? 'fresh'}
spec:
  replicas: ${lines['replicas'] ?? '1'}
${lines['extra'] ?? '  paused: false'}
  selector:
    matchLabels:
      app: ${lines['selector'] ?? 'fresh'}
  template:
    metadata:
      labels: ${lines['templateLabel'] ?? '{ app: fresh }'}
    spec:
      containers:
      - name: ${lines['container'] ?? 'c'}
        image: ${lines['image'] ?? 'nginx'}
        ports:
        - containerPort: ${lines['port'] ?? '80'}
        env:
        - name: MODE
          value: ${lines['env'] ?? 'prod'}
        resources:
          requests:
            cpu: ${lines['cpu'] ?? '100m'}
${lines['second'] ?? ''}`

const service = (lines: Readonly<Record<string, string>>): string => `apiVersion: v1
kind: Service
metadata:
  name: ${lines['name'] ?? 'fresh'}
spec:
  type: ${lines['type'] ?? 'NodePort'}
  clusterIP: ${lines['ip'] ?? '10.96.50.1'}
  selector: ${lines['selector'] ?? '{ app: fresh }'}
  ports:
  - name: http
    port: 80
    nodePort: ${lines['nodePort'] ?? '30200'}
  - name: ${lines['secondName'] ?? 'other'}
    port: ${lines['secondPort'] ?? '81'}
    nodePort: 30201
`

/** Each fault with the line on which it belongs marked `# here`. */
const FAULTS: readonly (readonly [string, string])[] = [
  ['unknown field', deployment({ extra: '  replcas: 3 # here' })],
  ['unknown field in a list', deployment({ port: '80\n          hostport: 80 # here' })],
  ['word for a number', deployment({ replicas: 'three # here' })],
  ['quoted number in a nested list', deployment({ port: '"80" # here' })],
  ['number for a word in a nested list', deployment({ env: '5 # here' })],
  ['truth for a word', deployment({ env: 'true # here' })],
  ['port out of range', deployment({ port: '70000 # here' })],
  ['selector that does not match', deployment({ templateLabel: '{ app: other } # here' })],
  ['bad quantity', deployment({ cpu: '100mm # here' })],
  ['quantity with a unit that there is not', deployment({ cpu: '1GB # here' })],
  ['negative number', deployment({ replicas: '-1 # here' })],
  ['bad container name', deployment({ container: 'My_App # here' })],
  ['container named twice', deployment({ second: '      - name: c # here\n        image: nginx\n' })],
  ['bad name', deployment({ name: 'My_Web # here' })],
  ['bad label', deployment({ label: '"not valid!"' }).replace('  labels:', '  labels: # here')],
  ['port name twice', service({ secondName: 'http # here' })],
  ['service port out of range', service({ secondPort: '70000 # here\n    targetPort: 81' })],
  ['node port out of range', service({ nodePort: '80 # here' })],
  ['unknown type', service({ type: 'NodePorts # here' })],
  ['map for a list', 'apiVersion: v1\nkind: Service\nmetadata:\n  name: fresh\nspec:\n  ports: # here\n    port: 80\n'],
  ['list for a map', service({ selector: '# here\n  - app: fresh' })],
  ['unknown kind', 'apiVersion: apps/v2 # here\nkind: Deployment\nmetadata:\n  name: fresh\n'],
  [
    'immutable selector of what is there',
    deployment({ name: 'old', selector: 'x', templateLabel: '{ app: x }' }).replace('  selector:', '  selector: # here'),
  ],
  ['unknown field of what is there', deployment({ name: 'old', extra: '  replcas: 3 # here' })],
  ['word for a number in what is there', deployment({ name: 'old', replicas: 'three # here' })],
]

const FINE = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: fine\ndata:\n  a: b\n'

function indented(text: string): string {
  const [first = '', ...rest] = text.trimEnd().split('\n')
  return [`- ${first}`, ...rest.map((line) => `  ${line}`)].join('\n')
}

const FORMS: readonly (readonly [string, (text: string) => string])[] = [
  ['alone', (text) => text],
  ['in a List', (text) => `apiVersion: v1\nkind: List\nitems:\n${indented(FINE)}\n${indented(text)}\n`],
  ['as second document with CRLF', (text) => `# a remark\n${FINE}---\n${text}---\n${FINE}`.replaceAll('\n', '\r\n')],
]

const input = readScenario(builtinScenario('default') ?? [])
if (!input.ok) throw new Error('the default scenario does not read')
const session = openSession(toSessionInput(input.value))
act(session, { type: 'kubectl', args: ['apply', '-f', 'old.yaml'], files: { 'old.yaml': deployment({ name: 'old' }) } })

describe.each(FORMS)('a refused manifest, %s', (_, form) => {
  it.each(FAULTS)('marks the line: %s', (_name, fault) => {
    const text = form(fault)
    const lines = text.split(/\r?\n/)
    const diagnostics = checkManifest(session, text)
    expect(diagnostics.map((each) => lines[each.line - 1])).toContainEqual(expect.stringContaining('# here'))
    expect(diagnostics).toHaveLength(1)
    expect(diagnostics[0]?.message.length).toBeLessThan(400)
  })

  it('says nothing against what is right', () => {
    expect(checkManifest(session, form(deployment({})))).toEqual([])
  })
})
