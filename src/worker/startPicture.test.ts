import { expect, it } from 'vitest'
import { START_PICTURE } from '../generated/startPicture.js'
import { PROTOCOL_VERSION } from '../protocol/index.js'
import { createDesk } from './desk.js'

it('[START1] the picture that the page begins with is what the worker answers', async () => {
  const answer = await createDesk()({
    requestId: 0,
    type: 'open',
    source: { type: 'builtin', id: START_PICTURE.opened.id },
    protocolVersion: PROTOCOL_VERSION,
  })
  expect(JSON.parse(JSON.stringify(answer))).toEqual(JSON.parse(JSON.stringify(START_PICTURE)))
})
