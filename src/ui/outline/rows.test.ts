import { describe, expect, it } from 'vitest'
import { fixtureScene } from '../../testing/sceneFixture.js'
import { outlineRows } from './rows.js'

const NOTHING: ReadonlySet<string> = new Set()

describe('the outline', () => {
  it('lists everything that the graph shows', () => {
    const scene = fixtureScene()
    const ids = outlineRows(scene, NOTHING).map((row) => row.id)
    for (const table of [
      scene.clients,
      scene.loadBalancers,
      scene.components,
      scene.nodes,
      scene.pods,
      scene.services,
      scene.workloads,
    ])
      for (const id of table.keys()) expect(ids, id).toContain(id)
    expect(ids).toContain('kubelet/node3')
    expect(ids).toContain('bridge/node1')
  })

  it('costs one line for a closed Node, and lists its Pods when it is opened', () => {
    const scene = fixtureScene({ nodes: 50, podsPerNode: 40 })
    const closed = outlineRows(scene, NOTHING)
    expect(closed.length).toBeLessThan(90)
    const opened = outlineRows(scene, new Set(['node/node7']))
    expect(opened.filter((row) => row.parent === 'node/node7' && row.id.startsWith('pod/'))).toHaveLength(40)
  })

  it('says each line its level, its place and how many there are', () => {
    const rows = outlineRows(fixtureScene(), NOTHING)
    const node2 = rows.find((row) => row.id === 'node/node2')
    expect(node2).toMatchObject({ level: 2, index: 3, count: 4, hasChildren: true, isOpen: true, parent: 'heading/nodes' })
  })
})
