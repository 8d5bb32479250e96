import { expect, test } from 'vitest'
import { clean, difference } from './compareStory.js'
import fresh from './data/fresh-cluster/expect.json' with { type: 'json' }
import { openStoryWorld } from './storyWorld.js'

test('a fresh cluster gets the ServiceAccounts and root certificates of a real one', () => {
  const story = openStoryWorld()
  const expected = fresh.objects as unknown as Readonly<Record<string, Readonly<Record<string, unknown>>>>
  for (const [kind, resource] of [
    ['v1 ConfigMap', 'configmaps'],
    ['v1 ServiceAccount', 'serviceaccounts'],
  ] as const) {
    for (const [key, object] of Object.entries(expected[kind] ?? {})) {
      const isOurs = key.endsWith('/kube-root-ca.crt') || key.endsWith('/default')
      if (!isOurs) continue
      const found = story.act((_, api) => api.get(resource, key))
      const { kind: _kind, apiVersion: _version, ...rest } = clean(found.ok ? found.value : {}) as Record<string, unknown>
      expect(difference(object, rest, 'story', key)).toBeUndefined()
    }
  }
})
