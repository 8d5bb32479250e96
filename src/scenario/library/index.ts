import type { SourceFile } from '../documents.js'
import { firstRequest } from './firstRequest.js'
import { nodeWithoutPod } from './nodeWithoutPod.js'
import { noEndpoints } from './noEndpoints.js'
import { sessionAffinity } from './sessionAffinity.js'
import { somethingCrashed } from './somethingCrashed.js'
import { sourceAddress } from './sourceAddress.js'
import { staleWindow } from './staleWindow.js'
import { twoProxies } from './twoProxies.js'
import { THREE_WORKERS, WEB } from './web.js'
import { whoTellsIptables } from './whoTellsIptables.js'

/** The cluster that the page opens with: no story, the first request is still to be sent. */
const start = `${THREE_WORKERS}apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata:
  name: default
spec:
  seed: podpath
  joinLater: [node3]
---
${WEB}`

/** Built-in scenarios by id, in the order of the gallery. */
const LIBRARY: ReadonlyMap<string, string> = new Map([
  ['default', start],
  ['first-request', firstRequest],
  ['node-without-pod', nodeWithoutPod],
  ['who-tells-iptables', whoTellsIptables],
  ['something-crashed', somethingCrashed],
  ['source-address', sourceAddress],
  ['session-affinity', sessionAffinity],
  ['no-endpoints', noEndpoints],
  ['stale-window', staleWindow],
  ['two-proxies', twoProxies],
])

/** Ids of the scenarios that tell a story, in the gallery's order. */
export const STORY_IDS: readonly string[] = [...LIBRARY.keys()].filter((id) => id !== 'default')

/** The files of a built-in scenario; undefined for an unknown id. */
export function builtinScenario(id: string): readonly SourceFile[] | undefined {
  const text = LIBRARY.get(id)
  return text === undefined ? undefined : [{ name: `${id}.yaml`, text }]
}
