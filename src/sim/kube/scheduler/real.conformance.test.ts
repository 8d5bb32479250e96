import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { nextEventAt, runNext } from '../../core/engine.js'
import { SECOND } from '../../core/time.js'
import type { Manifest } from '../api/client.js'
import { createCluster } from '../bootstrap/createCluster.js'
import { listStored } from '../etcd/store.js'
import type { Messages } from '../messages.js'
import type { Parts } from '../parts.js'
import { behaviours } from '../registry.js'
import { explainSchedule } from './explain.js'

const DATA = new URL('./conformance/data/real/', import.meta.url)

interface Case {
  readonly case: string
  readonly manifests: string
  readonly pods: readonly {
    readonly name: string
    readonly node?: string | null
    readonly phase?: string
    readonly deleted?: boolean
    readonly PodScheduled?: { readonly status: string; readonly reason: string; readonly message: string }
    readonly events: readonly {
      readonly type: string
      readonly reason: string
      readonly message: string
      readonly action: string
    }[]
    readonly scores?: Readonly<Record<string, number>>
    readonly pluginScores?: Readonly<Record<string, Readonly<Record<string, number>>>>
  }[]
}

interface PodShape {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly nodeName?: string }
  readonly status: {
    readonly phase: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
    }[]
  }
}

interface EventShape {
  readonly involvedObject: { readonly name: string }
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly action?: string
  readonly eventTime?: string
}

/** UIDs are random in the real cluster and here. */
function masked(message: string): string {
  return message.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
}

describe('the scheduler against the real one', () => {
  for (const file of readdirSync(DATA).sort()) {
    const given = JSON.parse(readFileSync(new URL(file, DATA), 'utf8')) as Case
    it(given.case, () => {
      const objects = parseAllDocuments(given.manifests).flatMap((each) => {
        const value: unknown = each.toJS()
        return value === null ? [] : [value as Manifest]
      })
      const world = createCluster({ seed: 's', restore: objects })
      const until = 20 * SECOND
      while ((nextEventAt(world) ?? Number.POSITIVE_INFINITY) <= until)
        runNext<Parts, Messages>(world, behaviours as never, () => {})
      expect(world.parts.cluster.refused).toEqual([])
      const pods = listStored(world.parts.etcd, 'pods', 'default') as unknown as readonly PodShape[]
      const events = listStored(world.parts.etcd, 'events', 'default') as unknown as readonly EventShape[]
      for (const want of given.pods) {
        const pod = pods.find((each) => each.metadata.name === want.name)
        if (want.deleted === true) expect(pod, want.name).toBeUndefined()
        else {
          expect(pod?.spec.nodeName ?? null, want.name).toBe(want.node ?? null)
          expect(pod?.status.phase).toBe(want.phase)
        }
        if (want.PodScheduled !== undefined) {
          expect(pod?.status.conditions?.find((each) => each.type === 'PodScheduled')).toMatchObject(want.PodScheduled)
        }
        const told = events
          .filter((each) => each.involvedObject.name === want.name)
          .sort((a, b) => ((a.eventTime ?? '') < (b.eventTime ?? '') ? -1 : 1))
          .map((each) => ({ type: each.type, reason: each.reason, message: masked(each.message), action: each.action }))
        expect(told).toEqual(
          want.events.map(({ type, reason, message, action }) => ({ type, reason, message: masked(message), action })),
        )
        if (want.pluginScores === undefined) continue
        const report = explainSchedule(world, `default/${want.name}`)
        for (const [node, scores] of Object.entries(want.pluginScores)) {
          const got = report?.nodes[node]
          expect(
            Object.fromEntries(
              Object.entries(got?.scores ?? {}).map(([plugin, each]) => [plugin, each.normalized * each.weight]),
            ),
          ).toEqual(scores)
          expect(got?.total).toBe(want.scores?.[node])
        }
      }
    })
  }
})
