import { describe, expect, it } from 'vitest'
import { readScenario } from '../scenario/index.js'
import { act, openSession, seekEnd, toSessionInput } from './index.js'

/** What a page may ask for must come back: no single event may do endless work, and nothing is followed for ever. */
const TEMPLATE = 'template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx}]}}'
const JOB = 'template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox, command: [sh, -c, exit 1]}]}}'
const HUGE: Readonly<Record<string, string>> = {
  'a Deployment': `{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}, spec: {replicas: 2147483647, selector: {matchLabels: {a: b}}, ${TEMPLATE}}}`,
  'a StatefulSet': `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: x}, spec: {podManagementPolicy: Parallel, serviceName: x, replicas: 2147483647, selector: {matchLabels: {a: b}}, ${TEMPLATE}}}`,
  'a Job': `{apiVersion: batch/v1, kind: Job, metadata: {name: x}, spec: {parallelism: 2147483647, completions: 2147483647, backoffLimit: 2147483647, ${JOB}}}`,
  'an Indexed Job': `{apiVersion: batch/v1, kind: Job, metadata: {name: x}, spec: {completionMode: Indexed, parallelism: 1, completions: 2147483647, successPolicy: {rules: [{succeededIndexes: 0-2147483646}]}, ${JOB}}}`,
}

describe('bounds', () => {
  for (const [name, text] of Object.entries(HUGE)) {
    it(`[BND1] ${name} of two thousand million Pods is begun and not finished`, () => {
      const input = readScenario([])
      if (!input.ok) throw new Error('nothing is no scenario')
      const session = openSession(toSessionInput(input.value))
      let asked = 0
      const acted = act(
        session,
        { type: 'kubectl', args: ['apply', '-f', 'a.yaml'], files: { 'a.yaml': text } },
        () => ++asked > 200,
      )
      expect(acted.kubectl?.stderr).toBe('')
      expect(acted.settled).toBe(false)
      seekEnd(session)
      const created = new Map<number, number>()
      for (const { kind, event, facts } of session.history.steps) {
        if (kind !== 'api-request' || facts.verb !== 'create') continue
        created.set(event, (created.get(event) ?? 0) + 1)
      }
      expect(Math.max(...created.values())).toBeLessThanOrEqual(1100)
    })
  }
})
