import * as v from 'valibot'

/** Version of the engine: raised when the same actions may lead to another world. */
export const ENGINE_VERSION = '0.3'

/** Most that a link may inflate to, and so most that a text within an action may be. */
export const INFLATED_MAX = 6_000_000

/** The longest lag of a kube-proxy, in microseconds: an hour. */
const LAG_MAX = 3_600_000_000

export const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
export const whole = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))
const strings = v.pipe(v.array(text(2_000)), v.maxLength(200))

export const RequestSchema = v.object({
  from: text(300),
  to: text(2_000),
  proto: v.picklist(['tcp', 'udp', 'sctp']),
  force: v.exactOptional(v.object({ endpoint: text(100), node: v.exactOptional(text(300)) })),
  count: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000))),
  sameConnectionAs: v.exactOptional(text(100)),
})

/** One action of a person, from outside: bounded and complete. */
export const ActionSchema = v.variant('type', [
  v.object({ type: v.literal('kubectl'), args: strings, files: v.record(text(300), text(INFLATED_MAX)) }),
  v.object({ type: v.literal('request'), request: RequestSchema }),
  v.object({
    type: v.literal('fault'),
    fault: text(100),
    target: text(600),
    active: v.boolean(),
    lag: v.exactOptional(v.pipe(whole, v.maxValue(LAG_MAX))),
  }),
  v.object({ type: v.literal('wait'), us: v.pipe(whole, v.maxValue(86_400_000_000)) }),
])
