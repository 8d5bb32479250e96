import { expect, it, vi } from 'vitest'
import { PROTOCOL_VERSION } from '../protocol/index.js'
import { SimBug } from '../sim/index.js'
import { createDesk } from './desk.js'

const broken = vi.hoisted(() => ({ now: false }))

vi.mock('../session/session.js', async (original) => {
  const session = await original<typeof import('../session/session.js')>()
  return {
    ...session,
    act: ((of, action, isLate) => {
      if (!broken.now) return session.act(of, action, isLate)
      // Half an event has been done when it breaks.
      of.history.world.parts.etcd.objects.clear()
      of.undo = []
      throw new SimBug('broken-on-purpose')
    }) satisfies typeof session.act,
  }
})

const REQUEST = { type: 'request', request: { from: 'client', to: 'service/default/web:80', proto: 'tcp' } } as const

it('[DESK6] a bug of ours is told with seed and step, and the last good state comes back: cluster, position and undo', async () => {
  const desk = createDesk()
  await desk({ requestId: 1, type: 'open', source: { type: 'builtin', id: 'first-request' }, protocolVersion: PROTOCOL_VERSION })
  await desk({ requestId: 2, type: 'act', action: REQUEST })
  const before = await desk({ requestId: 3, type: 'digest' })
  broken.now = true
  const told = await desk({ requestId: 4, type: 'act', action: REQUEST })
  broken.now = false
  expect(told).toMatchObject({ type: 'crashed', message: 'SimBug: broken-on-purpose {}', seed: 'podpath', restored: true })
  expect(await desk({ requestId: 3, type: 'digest' })).toEqual(before)
  expect(await desk({ requestId: 5, type: 'seek', where: 'end' })).toMatchObject({
    type: 'done',
    undoDepth: 1,
    actions: [{ action: REQUEST }],
  })
  expect(await desk({ requestId: 6, type: 'act', action: REQUEST })).toMatchObject({ type: 'done', undoDepth: 2 })
})
