import { expect, it } from 'vitest'
import { drawFrom, nextUint32, seedStream } from './random.js'

it('a stream that nobody keeps gives what a kept one would', () => {
  const draw = drawFrom('seed', 'stream')
  let state = seedStream('seed', 'stream')
  for (let time = 0; time < 100; time++) {
    const [drawn, next] = nextUint32(state)
    state = next
    expect(draw()).toBe(drawn / 4_294_967_296)
  }
})
