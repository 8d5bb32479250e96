import { builtinScenario, readScenario } from '../../src/scenario/index.js'
import { openSession, toSessionInput } from '../../src/session/index.js'
import { traceRequest } from '../../src/sim/index.js'

/** Requests between two looks at the clock. */
const BATCH = 5_000
/** A record that is shorter was not made: a request meets some twenty rules alone. */
const FEWEST_NOTES = 40

/** Brings up the default cluster, two Pods behind one NodePort Service; gives what tells its requests per second over so many milliseconds. */
export function open(): (forMs: number) => number {
  const input = readScenario(builtinScenario('default') ?? [])
  if (!input.ok) throw new Error('the default scenario does not read')
  const { world } = openSession(toSessionInput(input.value)).history
  const spec = { kind: 'request', from: 'client', to: '172.18.0.11:30080', proto: 'tcp' } as const
  const send = (): void => {
    let recorded = 0
    const record = (notes: readonly unknown[]): void => {
      recorded += notes.length
    }
    const traced = traceRequest(world, spec, { count: BATCH, record })
    if (!traced.ok || Object.keys(traced.value.counts ?? {}).length !== 2) throw new Error('the requests did not reach both Pods')
    if (recorded < BATCH * FEWEST_NOTES) throw new Error('the requests were not recorded')
  }
  return (forMs) => {
    let sent = 0
    const started = performance.now()
    for (; performance.now() - started < forMs; sent += BATCH) send()
    return sent / ((performance.now() - started) / 1_000)
  }
}
