import fc from 'fast-check'
import { expect, it } from 'vitest'
import { placeSend } from './sendPlace.js'

const CLIENT = { x: 14, y: 32, w: 130, h: 92 }
const EXTENT = { w: 124, h: 28 }

it('stands on the client when the whole picture is seen', () => {
  const at = placeSend(CLIENT, EXTENT, { x: 0, y: 0, zoom: 1 }, { width: 800, height: 620 })
  expect(at).toEqual({ x: 17, y: 48, scale: 1, away: false })
})

it('is within the picture and large enough to be hit, wherever the camera is', () => {
  const position = fc.integer({ min: -5000, max: 5000 })
  const camera = fc.record({ x: position, y: position, zoom: fc.double({ min: 0.2, max: 2.5, noNaN: true }) })
  const room = fc.record({ width: fc.integer({ min: 340, max: 2000 }), height: fc.integer({ min: 240, max: 1400 }) })
  fc.assert(
    fc.property(fc.option(fc.constant(CLIENT), { nil: undefined }), camera, room, (client, viewport, size) => {
      const at = placeSend(client, EXTENT, viewport, size)
      expect(at.x).toBeGreaterThanOrEqual(0)
      expect(at.y).toBeGreaterThanOrEqual(0)
      expect(at.x + EXTENT.w * at.scale).toBeLessThanOrEqual(size.width)
      expect(at.y + EXTENT.h * at.scale).toBeLessThanOrEqual(size.height)
      expect(EXTENT.h * at.scale).toBeGreaterThanOrEqual(24)
    }),
  )
})
