import { describe, expect, it } from 'vitest'
import type { FlowInfo, Step } from '../../protocol/index.js'
import { fixtureScene, fixtureSteps } from '../../testing/sceneFixture.js'
import { anchorOf, wayBetween } from './anchors.js'
import { placeCallout, within } from './callout.js'
import { overlaps } from './geometry.js'
import { activeFlow, journeyOf, stopsBetween } from './journey.js'
import { layoutScene } from './layout.js'
import { badgesOf, lightsOf, relatedTo } from './lit.js'
import { messageOf } from './message.js'
import { shortChain, shortRule, splitRule } from './RulesMet.js'
import { assignSlots, NO_SLOTS } from './slots.js'
import { firstInside, neighbourOf } from './walk.js'

const scene = fixtureScene()
const steps = fixtureSteps()
const request = steps.filter((step) => step.flow === 'request-1')
const layout = layoutScene({
  scene,
  slots: assignSlots(NO_SLOTS, scene),
  open: new Set(['node1', 'node3']),
  moved: {},
  width: 800,
  height: 620,
})

function at(predicate: (step: Step) => boolean) {
  const step = request.find(predicate)
  if (step === undefined) throw new Error('the fixture has changed')
  const journey = journeyOf(request, { step: step.id })
  if (journey === undefined) throw new Error('no journey')
  return journey
}

describe('the journey of a packet', () => {
  it('has not begun before its first step', () => {
    expect(journeyOf(request, { step: 0 })).toBeUndefined()
  })

  it('stands at the hook with the rules met there, the header as it was and as it is, and the mark as a note', () => {
    const journey = at((step) => step.kind === 'rewrite' && step.facts.by === 'rule')
    expect(journey.stops[journey.here]?.thing).toBe('hook/node3/PREROUTING')
    expect(journey.rules.map((rule) => rule.facts.chain)).toContain('KUBE-NODEPORTS')
    expect(journey.was?.dst).toBe('172.18.0.13')
    expect(journey.packet.dst).toBe('10.244.1.5')
    expect(journey.packet.mark).toBe(0x4000)
  })

  it('forgets rules and rewrites of one hook at the next', () => {
    const journey = at((step) => step.kind === 'packet-hook' && step.facts.hook === 'FORWARD')
    expect(journey.rules).toEqual([])
    expect(journey.was).toBeUndefined()
  })

  it('does not go to the ledger: conntrack is beside the track', () => {
    const journey = at((step) => step.kind === 'request-done')
    expect(journey.stops.some((stop) => stop.thing.startsWith('conntrack/'))).toBe(false)
    expect(journey.entered).toEqual(['node1', 'node3'])
    expect(journey.direction).toBe('reply')
  })

  it('is the same way back when time goes back', () => {
    const { stops } = at((step) => step.kind === 'request-done')
    expect(stopsBetween(stops, 7, 3)).toEqual(stopsBetween(stops, 3, 7).toReversed())
  })

  it('runs along lanes from each stop to the next, never through the air', () => {
    const { stops } = at((step) => step.kind === 'request-done')
    stops.forEach((stop, index) => {
      const next = stops[index + 1]
      if (next === undefined) return
      expect(wayBetween(stop.thing, next.thing, layout.data, layout, scene).jump, `${stop.thing} > ${next.thing}`).toBe(false)
    })
  })

  it('is that of the chosen flow, or of the latest that is not background', () => {
    const flows: FlowInfo[] = ['request-1', 'change-2'].map((id) => ({
      id,
      kind: 'request',
      facts: {},
      first: 1,
      last: 1,
      at: 0,
    }))
    const lease = { ...steps.at(-1), flow: 'background' } as Step
    expect(activeFlow([...steps, lease], steps.length, 'all', flows)?.id).toBe('change-2')
    expect(activeFlow(steps, steps.length - 1, 'request-1', flows)?.id).toBe('request-1')
  })
})

describe('messages of the control plane', () => {
  it('are words of the API between two of its clients, and never packets', () => {
    const messages = steps.map(messageOf).filter((message) => message !== undefined)
    expect(messages.map((message) => message.words)).toContain('ADDED Pod web-7c9d8f6b5-new')
    expect(request.map(messageOf).filter((message) => message !== undefined)).toEqual([])
  })

  it('travel over the cable to a Node, and straight along a spoke inside the star', () => {
    const far = wayBetween('apiserver', 'kube-proxy/node2', layout.control, layout, scene)
    expect(far.jump).toBe(false)
    expect(far.points.length).toBeGreaterThan(4)
    expect(wayBetween('controller/deployment-controller', 'apiserver', layout.control, layout, scene).jump).toBe(false)
    expect(wayBetween('client/kubectl', 'apiserver', layout.control, layout, scene).jump).toBe(false)
  })

  it('show what the scheduler said of each Node for this Pod', () => {
    const until = steps.slice(0, steps.findIndex((step) => step.kind === 'scheduler-score') + 1)
    expect([...badgesOf(until)]).toEqual([
      ['node3', { ok: true, text: '310' }],
      ['node1', { ok: false, text: 'Insufficient cpu' }],
    ])
    expect(badgesOf(steps).size).toBe(0)
  })
})

describe('lights', () => {
  it('show a Service as what it is: its endpoints and its rules on every Node', () => {
    const related = relatedTo('object/Service/default/web', scene)
    for (const node of ['control-plane', 'node1', 'node2', 'node3']) expect(related).toContain(`iptables/${node}`)
    expect(related.filter((id) => id.startsWith('pod/'))).toHaveLength(3)
    expect(relatedTo('object/Deployment/kube-system/coredns', scene)).toHaveLength(2)
  })

  it('fall on what is drawn: the folded Node instead of its hook', () => {
    expect(anchorOf('hook/node2/PREROUTING', layout, scene)).toBe('iptables/node2')
    expect(anchorOf('hook/pod/default/web-7c9d8f6b5-q5v7d/OUTPUT', layout, scene)).toBe('pod/default/web-7c9d8f6b5-q5v7d')
    expect(anchorOf('pod/kube-system/etcd-control-plane', layout, scene)).toBe('etcd')
    const lights = lightsOf(scene, layout, steps.slice(-1), undefined)
    expect(lights.get('iptables/node2')).toBe('now')
  })
})

describe('walking with the arrow keys', () => {
  it('goes to the neighbour in that direction, inside the same thing', () => {
    expect(neighbourOf(layout.things, 'node/node1', 'down')).toBe('node/node2')
    expect(neighbourOf(layout.things, 'node/node2', 'up')).toBe('node/node1')
    expect(neighbourOf(layout.things, 'hook/node3/PREROUTING', 'right')).toBe('routing/node3')
    expect(neighbourOf(layout.things, 'client/203.0.113.7', 'down')).toBe('host/router')
    expect(neighbourOf(layout.things, 'client/203.0.113.7', 'left')).toBeUndefined()
  })

  it('reaches everything: each thing is a top one or stands in one that is drawn', () => {
    for (const placed of layout.things.values())
      if (placed.parent !== undefined) expect(layout.things.has(placed.parent), placed.id).toBe(true)
    expect(firstInside(layout.things, 'etcd')).toBe('object/Service/default/web')
  })
})

describe('a callout', () => {
  it('stands where it hides nothing, if there is such a place', () => {
    const token = { x: 100, y: 100 }
    const below = { x: 0, y: 110, w: 400, h: 300 }
    const box = placeCallout(token, { w: 120, h: 50 }, [{ box: below, weight: 1 }], { x: 0, y: 0, w: 400, h: 400 })
    expect(overlaps(box, below)).toBe(false)
    expect(box.x).toBeGreaterThanOrEqual(0)
  })

  it('keeps the corner next to its token while rules are met', () => {
    const token = { x: 100, y: 100 }
    const above = { x: 60, y: -140, w: 340, h: 200 }
    const [first, last] = [60, 180].map((h) => within(above, token, { w: 340, h }))
    expect(first).toMatchObject({ x: 60, y: 0, h: 60 })
    expect((first?.y ?? 0) + 60).toBe((last?.y ?? 0) + 180)
    const below = { x: 60, y: 120, w: 340, h: 200 }
    expect(within(below, token, { w: 340, h: 60 })).toMatchObject({ x: 60, y: 120 })
  })

  it('is reckoned as large as it will be when the packet goes on', () => {
    const rules = request.filter((step) => step.kind === 'rule' && step.facts.direction === 'request')
    const first = rules[0]
    if (first === undefined) throw new Error('the fixture has changed')
    const journey = journeyOf(request, { step: first.id })
    expect(journey?.rules).toHaveLength(1)
    expect(journey?.grown.rules.length ?? 0).toBeGreaterThan(1)
    expect(journey?.grown.was).toBeDefined()
  })

  it('tells what a rule asks from what it does, of both tools', () => {
    expect(splitRule('-p tcp -j DNAT --to-destination 10.0.0.1:80')).toEqual(['-p tcp ', '-j DNAT --to-destination 10.0.0.1:80'])
    expect(splitRule('ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports')[1]).toBe('vmap @service-nodeports')
    expect(splitRule('meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.0.0.1 . 80 }')[0]).toBe('meta l4proto tcp ')
    expect(splitRule('jump services')).toEqual(['', 'jump services'])
  })

  it('shortens what every rule says, and nothing that decides', () => {
    expect(shortChain('KUBE-SVC-LOLE6LYAYKBKPB6H')).toBe('KUBE-SVC-LOLE…')
    expect(shortChain('KUBE-MARK-MASQ')).toBe('KUBE-MARK-MASQ')
    expect(
      shortRule('-A KUBE-SEP-X -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 10.0.0.1:80'),
    ).toBe('-p tcp -j DNAT --to-destination 10.0.0.1:80')
  })
})
