import { expect, test } from 'vitest'
import { SECOND } from '../../core/time.js'
import { openStoryWorld, StoryNodes } from './conformance/storyWorld.js'
import { checkControllers, isControllerEnabled, startControllerManager, stopControllerManager } from './manager.js'

test('a list of controllers switches them on and off as kube-controller-manager does', () => {
  expect(isControllerEnabled('*', 'deployment-controller')).toBe(true)
  expect(isControllerEnabled('*', 'token-cleaner-controller')).toBe(false)
  expect(isControllerEnabled('*,-deployment-controller', 'deployment-controller')).toBe(false)
  expect(isControllerEnabled('deployment-controller', 'replicaset-controller')).toBe(false)
  expect(isControllerEnabled('token-cleaner-controller,*', 'token-cleaner-controller')).toBe(true)
  expect(checkControllers('*,-service-lb-controller').ok).toBe(true)
  expect(checkControllers('nosuch')).toEqual({ ok: false, error: '"nosuch" is not in the list of known controllers' })
})

function openWithDeployment(replicas: number) {
  const story = openStoryWorld()
  const nodes = new StoryNodes(story)
  for (const name of ['node1', 'node2', 'node3']) nodes.add(name)
  story.act((_, api) => {
    const made = api.create('deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        replicas,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'nginx' }] } },
      },
    })
    expect(made.ok ? '' : made.error.message).toBe('')
  })
  story.pass(2 * SECOND)
  const pods = () => story.act((_, api) => api.list('pods', { namespace: 'default' }))
  const count = (): number => {
    const listed = pods()
    return listed.ok ? listed.value.length : -1
  }
  return { story, pods, count }
}

test('a stopped manager does nothing; started again it finds what it missed', () => {
  const { story, pods, count } = openWithDeployment(3)
  expect(count()).toBe(3)
  story.act((ctx) => stopControllerManager(ctx))
  const listed = pods()
  const victim = listed.ok ? listed.value[0] : undefined
  story.act((_, api) => api.delete('pods', `default/${victim?.metadata.name ?? ''}`, { gracePeriodSeconds: 0 }))
  story.pass(30 * SECOND)
  expect(count()).toBe(2)
  story.act((ctx) => startControllerManager(ctx))
  story.pass(2 * SECOND)
  expect(count()).toBe(3)
})

test('a settled world has no foreground work left', () => {
  const { story } = openWithDeployment(2)
  // The test's own heartbeats are foreground; what controllers wait for is not.
  const isWork = (message: unknown): boolean => /"type":"(work|due|tick)"/.test(JSON.stringify(message))
  const waiting = story.world.queue.filter((each) => !each.background && each.to.kind === 'controller' && isWork(each.message))
  expect(waiting).toEqual([])
})

test('thousands of Pods are made without looking at all Pods for each', () => {
  const { count } = openWithDeployment(3_000)
  expect(count()).toBe(3_000)
}, 30_000)
