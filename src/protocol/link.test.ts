import fc from 'fast-check'
import { deflateSync, strToU8 } from 'fflate'
import { describe, expect, it } from 'vitest'
import { readScenario } from '../scenario/index.js'
import { buildScene, openSession, replayActions, seekStep, toSessionInput } from '../session/index.js'
import { ENGINE_VERSION } from './actionSchema.js'
import type { LinkContent } from './link.js'
import { decodeLink, encodeLink } from './link.js'
import { LINK_DICTIONARY } from './linkDictionary.js'

const content = (text: string): LinkContent => ({
  engine: ENGINE_VERSION,
  id: '',
  files: [{ name: 'manifests.yaml', text }],
  seed: 'podpath',
  actions: [
    {
      event: 812,
      at: 40_000_000,
      action: { type: 'request', request: { from: 'client/203.0.113.7', to: 'service/default/web:80', proto: 'tcp' } },
    },
    { event: 900, at: 41_000_000, action: { type: 'fault', fault: 'stop-kube-proxy', target: 'kube-proxy/node1', active: true } },
  ],
  position: { step: 120, at: 40_012_800 },
  view: { level: 'overview', following: 'request-1' },
})

function pair(name: string, index: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
    app: ${name}
    tier: backend
spec:
  replicas: ${(index % 4) + 1}
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
        tier: backend
    spec:
      containers:
      - name: ${name}
        image: example.com/shop/${name}:v1.${index}.2
        ports:
        - containerPort: ${8080 + index}
        env:
        - name: LISTEN_PORT
          value: "${8080 + index}"
        resources:
          requests:
            cpu: ${50 + 10 * index}m
            memory: 64Mi
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  type: ClusterIP
  selector:
    app: ${name}
  ports:
  - name: http
    port: ${80 + index}
    targetPort: ${8080 + index}
---
`
}

/** Made by the first version of the link. Never change it: people have such links. */
const GOLDEN_1 =
  '1I88O4sIrPT8nJTUPKchICQFwuxHYblMCmQKyHuQqC0MjHRMzSOtWh8oNSohrMduUwADJB1YlIDOBzaGC_Exgy9BKydBAz8jERA-YRoE6wHpAuRwoAWk119bWxupEWwJdaWKO7lxCjX8sjX5YY19Z4fnOxperpzzZsfbZtHaF5-sanuydDOEAQwxipynQTgt0O7H2AMAuRmr7g_jgVr8ReqsfZK4Z0Fygh1DNRep0ACs_EKiFtfcNjQxMQJEFrD8NDIBiZSCf5KSWpYI8Am6AgoM2Jye_HNiaRESjLij0AA'

/** Made while a kube-proxy could only be slow or not, before its lag could be chosen. Never change it. */
const GOLDEN_SLOW =
  '1I94O-rd_yIym9PyclNQ8pJhKhmV9UGmnZ2kGbFqagkMee4yAW6zAFqMSyCBQ4ILCw8TSUMfQyMDI2MLIUAd3wzonv5zMhnWsDtAOC6AdRuaWphaWCDvwNGSh7TIgC-Jn5J5CLchEU0MDHUNjAxNUV-NrgIPcBncguF2NCDJs7W2wJcZYLKFO0KQl5hQDwwbahTC3ANtkBrIJKFQG9iYA'

const SHOP = ['frontend', 'cart', 'catalog', 'currency', 'payment', 'shipping', 'email', 'checkout', 'recommendation', 'ads']

describe('share link', () => {
  it('[LINK1] decoding gives back what was encoded, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.string(), (text, seed) => {
        const made = { ...content(text), seed }
        expect(decodeLink(encodeLink(made))).toEqual({ ok: true, value: made })
      }),
    )
  })

  it('[LINK2] ten Deployments with their Services take less than 2,000 characters', () => {
    const link = encodeLink(content(SHOP.map(pair).join('')))
    expect(link.length).toBeLessThan(2_000)
  })

  it('[LINK3] text that is no link is refused and never throws', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (junk) => {
        expect(decodeLink(junk).ok).toBe(false)
      }),
    )
    expect(decodeLink('1')).toEqual({ ok: false, error: { code: 'bad-link' } })
    expect(decodeLink(encodeLink(content('x')).slice(0, -6)).ok).toBe(false)
  })

  it('[LINK4] a link of a later version says so', () => {
    expect(decodeLink(`7${encodeLink(content('x')).slice(1)}`)).toEqual({ ok: false, error: { code: 'link-from-the-future' } })
  })

  it('[LINK5] a small text that inflates without end is refused', () => {
    const bomb = deflateSync(strToU8('a'.repeat(40_000_000)), { level: 9, dictionary: strToU8(LINK_DICTIONARY) })
    const link = `1${Buffer.from(bomb).toString('base64url')}`
    expect(link.length).toBeLessThan(100_000)
    expect(decodeLink(link)).toEqual({ ok: false, error: { code: 'link-too-large' } })
    expect(decodeLink('1'.padEnd(500_000, 'A'))).toEqual({ ok: false, error: { code: 'link-too-large' } })
  })

  it('[LINK6] well-formed data of the wrong shape is refused', () => {
    const wrong = deflateSync(strToU8('{"e":1}'), { dictionary: strToU8(LINK_DICTIONARY) })
    expect(decodeLink(`1${Buffer.from(wrong).toString('base64url')}`)).toEqual({ ok: false, error: { code: 'bad-link' } })
  })

  it('[LINK8] a link from when a kube-proxy was slow or not does again what it did: 30 seconds, and none', () => {
    const link = decodeLink(GOLDEN_SLOW)
    if (!link.ok) throw new Error(link.error.code)
    const { actions, files, seed } = link.value
    const slow = { type: 'fault', fault: 'slow-kube-proxy', target: 'kube-proxy/node1' }
    expect(actions.map(({ action }) => action)).toEqual([
      { ...slow, active: true },
      { type: 'kubectl', args: ['delete', 'service', 'golden'], files: {} },
      { type: 'request', request: { from: 'node/node1', to: '10.96.0.50:80', proto: 'tcp' } },
      { ...slow, active: false },
    ])
    const input = readScenario(files)
    if (!input.ok) throw new Error('does not read')
    const session = openSession(toSessionInput({ ...input.value, seed }))
    replayActions(session, actions, 0)
    const { steps } = session.history
    expect(steps.filter(({ kind }) => kind === 'fault').map(({ facts }) => facts)).toEqual([
      { fault: 'slow-kube-proxy', target: 'kube-proxy/node1', active: true },
      { fault: 'slow-kube-proxy', target: 'kube-proxy/node1', active: false },
    ])
    const done = steps.find((step) => step.kind === 'request-done')
    expect(done?.facts).toMatchObject({ verdict: 'rejected' })
    seekStep(session, done?.id ?? 0)
    const scene = buildScene(session.history.world)
    expect([...scene.faults.values()]).toMatchObject([{ fault: 'slow-kube-proxy', lag: 30_000_000 }])
    expect(scene.nodes.get('node/node1')?.behind).toMatchObject({ changes: [{ service: 'default/golden' }] })
  })

  it('[LINK7] a link made once opens forever', () => {
    expect(decodeLink(GOLDEN_1)).toEqual({
      ok: true,
      value: {
        engine: '0.1',
        id: '',
        files: [
          {
            name: 'manifests.yaml',
            text: 'apiVersion: v1\nkind: Service\nmetadata:\n  name: golden\nspec:\n  ports:\n  - port: 80\n    targetPort: 8080\n',
          },
        ],
        seed: 'gold',
        actions: [
          {
            event: 812,
            at: 46_000_000,
            action: {
              type: 'request',
              request: {
                from: 'client/203.0.113.7',
                to: 'service/default/golden:80',
                proto: 'tcp',
                force: { endpoint: '10.244.1.2:8080', node: 'node1' },
              },
            },
          },
          {
            event: 900,
            at: 47_000_000,
            action: { type: 'kubectl', args: ['apply', '-f', 'm.yaml'], files: { 'm.yaml': '# 繁體中文 简体中文\n' } },
          },
          { event: 950, at: 48_000_000, action: { type: 'fault', fault: 'stop-node', target: 'node/node2', active: true } },
          { event: 960, at: 49_000_000, action: { type: 'wait', us: 5_000_000 } },
        ],
        position: { step: 1204, at: 46_012_800 },
        view: { level: 'rules', following: 'request-1' },
      },
    })
  })
})
