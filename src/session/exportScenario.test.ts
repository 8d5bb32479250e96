import { expect, it } from 'vitest'
import { builtinScenario, readScenario } from '../scenario/index.js'
import { listStoredOf } from '../sim/index.js'
import { exportScenario } from './exportScenario.js'
import { act, openSession, seekEnd, toSessionInput } from './index.js'

function read(text: string) {
  const input = readScenario([{ name: 'saved.yaml', text }])
  if (!input.ok) throw new Error(JSON.stringify(input.error))
  return input.value
}

it('[EXP1] a saved file makes the same objects again, with what was changed since, and nothing of the cluster itself', () => {
  const input = read(builtinScenario('default')?.[0]?.text ?? '')
  const session = openSession(toSessionInput(input))
  act(session, { type: 'kubectl', args: ['scale', 'deployment', 'web', '--replicas=3'], files: {} })
  seekEnd(session)
  act(session, { type: 'kubectl', args: ['create', 'configmap', 'extra', '--from-literal=a=b'], files: {} })
  seekEnd(session)
  const saved = read(exportScenario(session, input))
  expect(saved.objects.map(({ object }) => `${object.kind}/${object.metadata.name}`).sort()).toEqual([
    'ConfigMap/extra',
    'Deployment/web',
    'Service/web',
  ])
  expect(saved.cluster).toEqual(input.cluster)
  const again = openSession(toSessionInput(saved))
  expect(again.history.world.parts.cluster.refused).toEqual([])
  expect(listStoredOf(again.history.world.parts.etcd, 'deployments', 'default')[0]?.spec?.replicas).toBe(3)
  const service = (of: typeof session) =>
    listStoredOf(of.history.world.parts.etcd, 'services', 'default').find((each) => each.metadata.name === 'web')?.spec
  expect(service(again)).toEqual(service(session))
})
