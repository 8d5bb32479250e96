import { describe, expect, it } from 'vitest'
import { INITIAL_VIEW } from '../../state/view.js'
import { fixtureScene } from '../../testing/sceneFixture.js'
import { branchesOf } from '../request/exploreModel.js'
import { expectedCount, requestOf, sourcesOf, targetsOf } from '../request/requestModel.js'
import { viewFromLink, viewToLink } from '../share/viewLink.js'
import { addressOfLink, sourceOfHash } from './address.js'
import { breakable, breakableAt } from './faults.js'

const scene = fixtureScene()
const draft = { from: 'client', to: '', custom: '', proto: 'tcp', sameConnection: false, count: 1 } as const

describe('what can be sent', () => {
  it('[U1] without a choice the first client asks the Service that the outside reaches', () => {
    expect(requestOf(draft, scene, undefined)).toEqual({ from: 'client/203.0.113.7', to: 'service/default/web:80', proto: 'tcp' })
  })

  it('[U2] an own address is taken as it is', () => {
    const request = requestOf({ ...draft, to: 'custom', custom: ' 10.96.0.10:53 ', proto: 'udp', count: 1000 }, scene, undefined)
    expect(request).toEqual({ from: 'client/203.0.113.7', to: '10.96.0.10:53', proto: 'udp', count: 1000 })
  })

  it('[U3] the same connection needs an earlier request', () => {
    expect(requestOf({ ...draft, sameConnection: true }, scene, undefined)).not.toHaveProperty('sameConnectionAs')
    expect(requestOf({ ...draft, sameConnection: true }, scene, 'request-1')).toHaveProperty('sameConnectionAs', 'request-1')
  })

  it('[U4] clients, Nodes and Pods send; Services, nodePorts and Pods are asked', () => {
    const sources = sourcesOf(scene)
    expect([sources.clients.length, sources.nodes.length > 0, sources.pods.length > 0]).toEqual([1, true, true])
    expect(targetsOf(scene).services[0]?.value).toBe('service/default/web:80')
    expect(targetsOf(scene).nodePorts[0]?.value).toMatch(/:30080$/)
  })

  it('[U5] a third of a thousand is 333 ± 30', () => {
    expect(expectedCount(1000, 1 / 3)).toEqual({ mean: 333, spread: 30 })
  })
})

describe('what can be broken', () => {
  it('[U6] each kind has its targets, and what is broken already is no target', () => {
    const kinds = breakable(scene)
    expect(kinds.find((kind) => kind.code === 'stop-node')?.targets.map(({ target }) => target)).toContain('node/node1')
    const broken = { ...scene, faults: new Map([['f', { id: 'f', fault: 'stop-node', target: 'node/node1' }]]) }
    expect(
      breakable(broken)
        .find((kind) => kind.code === 'stop-node')
        ?.targets.map(({ target }) => target),
    ).not.toContain('node/node1')
  })

  it('[U7] a Node can be stopped, cut off, and lose its agents from its own inspector', () => {
    expect(breakableAt(scene, 'node/node1').map(({ code }) => code)).toEqual([
      'stop-node',
      'cut-node',
      'flush-rules',
      'stop-kubelet',
      'stop-kube-proxy',
      'slow-kube-proxy',
    ])
  })
})

describe('outcomes', () => {
  it('[U8] are a tree of load balancer × endpoint with products of shares', () => {
    const outcome = (node: string, ip: string) => ({
      probability: 1 / 9,
      verdict: 'delivered' as const,
      to: { ip, port: 80 },
      sourceSeen: undefined,
      masqueraded: false,
      choices: [
        { by: 'load-balancer' as const, at: 'lb/default/web', chosen: node, chance: { probability: 1 / 3, share: '1/3' } },
        { by: 'rule' as const, at: node, chosen: ip, chance: { probability: 1 / 3 } },
      ],
    })
    const branches = branchesOf([outcome('node1', 'a'), outcome('node1', 'b'), outcome('node2', 'a')])
    expect(branches.map((branch) => [branch.chosen, branch.share, branch.leaves.length])).toEqual([
      ['node1', '1/3', 2],
      ['node2', '1/3', 1],
    ])
    expect(branches[0]?.leaves[0]?.chance).toBe('1/3 × 1/3 = 1/9')
  })
})

describe('addresses', () => {
  it('[U9] of links and scenarios are told apart', () => {
    expect(sourceOfHash('#/s/abc')).toEqual({ type: 'link', text: 'abc' })
    expect(sourceOfHash('#/scenario/first-request')).toEqual({ type: 'builtin', id: 'first-request' })
    expect(sourceOfHash('#graph')).toBeUndefined()
    expect(addressOfLink({ origin: 'https://a.example', pathname: '/sub/' }, 'abc')).toBe('https://a.example/sub/#/s/abc')
  })

  it('[U10] a view comes back from a link', () => {
    const view = {
      ...INITIAL_VIEW,
      level: 'rules',
      selected: 'node/node1',
      openNodes: ['node1'],
      moved: { 'node/node1': { x: 3, y: -4 } },
    } as const
    expect(viewFromLink(viewToLink(view))).toEqual({
      level: 'rules',
      selected: 'node/node1',
      openNodes: ['node1'],
      moved: { 'node/node1': { x: 3, y: -4 } },
    })
    expect(viewFromLink({ level: 'nonsense', moved: 'a@b,c' })).toEqual({})
  })
})
