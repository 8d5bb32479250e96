import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PageMessage, WorkerMessage } from '../protocol/index.js'
import { PROTOCOL_VERSION, parsePageMessage } from '../protocol/index.js'
import { createDesk } from './desk.js'

type Desk = ReturnType<typeof createDesk>

const START = { type: 'open', source: { type: 'builtin', id: 'first-request' }, protocolVersion: PROTOCOL_VERSION } as const

/** Sends as the page does: what is no message is not answered. */
async function tell(desk: Desk, message: unknown): Promise<WorkerMessage | undefined> {
  const parsed: PageMessage | undefined = parsePageMessage(message)
  return parsed === undefined ? undefined : desk(parsed)
}

async function opened(): Promise<Desk> {
  const desk = createDesk()
  expect((await tell(desk, { requestId: 1, ...START }))?.type).toBe('opened')
  return desk
}

const MANIFEST = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: nginx }] }
`

/** Texts near to manifests: cut, doubled, with strange values in strange places. */
const anyText = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.nat(MANIFEST.length).map((cut) => MANIFEST.slice(0, cut)),
  fc
    .tuple(
      fc.constantFrom('replicas: 2', 'name: c', 'app: web', 'image: nginx', 'kind: Deployment'),
      fc.string({ maxLength: 12 }),
    )
    .map(([from, to]) => MANIFEST.replace(from, to)),
  fc.json({ maxDepth: 3 }),
)

const anyRequest = fc.record({
  from: fc.constantFrom('client', 'client/1.2.3.4', 'node/node1', 'node/nowhere', 'pod/default/nothing', '', 'client/x'),
  to: fc.oneof(
    fc.constantFrom(
      'service/default/web:80',
      '10.96.0.1:443',
      '172.18.0.100:80',
      'http://web/',
      'web.default:81',
      '10.244.1.2:8080',
      ':',
      '[::1]:80',
      '255.255.255.255:1',
      '127.0.0.1:30080',
      '0.0.0.0:0',
    ),
    fc.string({ maxLength: 20 }),
  ),
  proto: fc.constantFrom('tcp', 'udp', 'sctp'),
})

const anyThing = fc.constantFrom(
  'node/node1',
  'iptables/node3',
  'pod/default/nothing',
  'object/Service/default/web',
  'apiserver',
  '',
  '////',
  'object/Nothing//x',
  'lb/default/web',
  'client/203.0.113.7',
)

const anyAction = fc.oneof(
  fc.record({
    type: fc.constant('kubectl'),
    args: fc.constant(['apply', '-f', 'm.yaml']),
    files: anyText.map((text) => ({ 'm.yaml': text })),
  }),
  fc.record({
    type: fc.constant('kubectl'),
    args: fc.constantFrom(
      ['scale', 'deployment', 'web', '--replicas=5'],
      ['delete', 'pods', '--all'],
      ['delete', 'ns', 'default'],
      ['rollout', 'undo', 'deploy/web'],
      ['drain', 'node1', '--ignore-daemonsets'],
      ['scale'],
      [],
      ['nonsense', '--help'],
      ['delete', 'node', 'node2'],
      ['patch', 'svc', 'web', '-p', '{"spec":{"type":"ClusterIP"}}'],
    ),
    files: fc.constant({}),
  }),
  fc.record({ type: fc.constant('request'), request: anyRequest }),
  fc.record({
    type: fc.constant('fault'),
    fault: fc.constantFrom(
      'stop-node',
      'stop-kube-proxy',
      'slow-kube-proxy',
      'stop-kubelet',
      'cut-node',
      'flush-rules',
      'stop-etcd',
      'stop-apiserver',
      'kill-container',
      'nonsense',
    ),
    target: fc.constantFrom(
      'node/node1',
      'kube-proxy/node1',
      'kube-proxy/*',
      'kubelet/node2',
      'etcd',
      'apiserver',
      'container/default/x/y',
      'node/nowhere',
      '',
    ),
    active: fc.boolean(),
  }),
  fc.record({ type: fc.constant('wait'), us: fc.nat(30_000_000) }),
)

const anyMessage = fc.oneof(
  { weight: 4, arbitrary: anyAction.map((action) => ({ type: 'act', action })) },
  { weight: 2, arbitrary: fc.nat(5_000).map((step) => ({ type: 'seek', where: { step } })) },
  fc.constantFrom(
    { type: 'undo' },
    { type: 'start-over' },
    { type: 'digest' },
    { type: 'seek', where: 'end' },
    { type: 'seek', where: 'start' },
    { type: 'save', view: {} },
  ),
  anyRequest.map((request) => ({ type: 'explore', request })),
  anyThing.map((thing) => ({ type: 'inspect', thing })),
  anyText.map((text) => ({ type: 'check-manifest', text })),
  fc.nat(3_000).map((step) => ({ type: 'misses', step })),
  fc.nat(3_000).map((step) => ({ type: 'sync-rules', step })),
  anyText.map((text) => ({ type: 'try-dump', node: 'node1', text, packet: { src: '203.0.113.7', dst: text, proto: 'tcp' } })),
  fc.record({
    type: fc.constant('act'),
    action: fc.record({
      type: fc.constant('fault'),
      fault: fc.constant('slow-kube-proxy'),
      target: fc.constantFrom('kube-proxy/*', 'kube-proxy/node2'),
      active: fc.boolean(),
      lag: fc.nat(5_000_000_000),
    }),
  }),
  anyText.map((text) => ({ type: 'open', source: { type: 'link', text }, protocolVersion: PROTOCOL_VERSION })),
  anyText.map((text) => ({
    type: 'open',
    source: { type: 'files', files: [{ name: 'x.yaml', text }] },
    protocolVersion: PROTOCOL_VERSION,
  })),
  fc.array(fc.string({ maxLength: 8 }), { maxLength: 4 }).map((args) => ({ type: 'kubectl-read', args })),
)

describe('the desk', () => {
  it('[DESK1] nothing that a page may ask brings it down', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMessage, { minLength: 1, maxLength: 8 }), async (messages) => {
        const desk = await opened()
        let requestId = 2
        for (const message of messages) {
          const answer = await tell(desk, { requestId: requestId++, ...message })
          if (answer?.type === 'crashed') throw new Error(`${JSON.stringify(message)}: ${answer.message}`)
        }
      }),
      { numRuns: Number(process.env['PODPATH_FUZZ_RUNS'] ?? 40) },
    )
  })

  it('[DESK2] what cannot be opened is refused, and what was open stays as it was', async () => {
    const desk = await opened()
    const before = await tell(desk, { requestId: 2, type: 'digest' })
    const refused = await tell(desk, {
      requestId: 3,
      type: 'open',
      source: { type: 'link', text: '1nonsense' },
      protocolVersion: PROTOCOL_VERSION,
    })
    expect(refused).toMatchObject({ type: 'refused', refusal: { code: 'bad-link' } })
    const bad = await tell(desk, {
      requestId: 4,
      type: 'open',
      source: { type: 'files', files: [{ name: 'x.yaml', text: 'a: [' }] },
      protocolVersion: PROTOCOL_VERSION,
    })
    expect(bad).toMatchObject({ type: 'refused', refusal: { code: 'bad-file' } })
    expect(await tell(desk, { requestId: 2, type: 'digest' })).toEqual(before)
  })

  it('[DESK3] a page of another version is refused; what is no message is not answered', async () => {
    const desk = createDesk()
    expect(await tell(desk, { requestId: 1, ...START, protocolVersion: 99 })).toMatchObject({
      type: 'refused',
      refusal: { code: 'version' },
    })
    expect(await tell(desk, { requestId: 2, type: 'digest' })).toMatchObject({ type: 'refused', refusal: { code: 'not-open' } })
    expect(await tell(desk, { type: 'digest' })).toBeUndefined()
    expect(await tell(desk, 'hello')).toBeUndefined()
  })

  it('[DESK5] a request to nowhere is refused with the reason, and nothing has happened', async () => {
    const desk = await opened()
    const before = await tell(desk, { requestId: 2, type: 'digest' })
    for (const request of [
      { from: 'client', to: 'not an address', proto: 'tcp' },
      { from: 'somebody', to: '10.96.0.1:443', proto: 'tcp' },
    ])
      expect(await tell(desk, { requestId: 3, type: 'act', action: { type: 'request', request } })).toMatchObject({
        type: 'refused',
        refusal: { code: 'bad-request', params: { why: expect.stringContaining('expected') } },
      })
    expect(await tell(desk, { requestId: 2, type: 'digest' })).toEqual(before)
  })

  it('[DESK4] a saved tab comes back with its actions, its position and its undo', async () => {
    const desk = await opened()
    await tell(desk, {
      requestId: 2,
      type: 'act',
      action: { type: 'request', request: { from: 'client', to: 'service/default/web:80', proto: 'tcp' } },
    })
    const done = await tell(desk, { requestId: 3, type: 'seek', where: 'end' })
    const digest = await tell(desk, { requestId: 9, type: 'digest' })
    const saved = await tell(desk, { requestId: 4, type: 'save', view: { level: 'rules' } })
    if (saved?.type !== 'answer' || saved.answer.type !== 'saved' || done?.type !== 'done') throw new Error('not saved')
    const other = createDesk()
    const again = await tell(other, {
      requestId: 1,
      type: 'open',
      source: { type: 'saved', text: saved.answer.text },
      protocolVersion: PROTOCOL_VERSION,
    })
    expect(again).toMatchObject({
      type: 'opened',
      position: done.position,
      undoDepth: 1,
      opened: { id: 'first-request', view: { level: 'rules' } },
    })
    expect(await tell(other, { requestId: 9, type: 'digest' })).toEqual(digest)
  })
})
