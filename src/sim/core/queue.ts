import type { FlowId, StepId } from './step.js'
import type { SimTime } from './time.js'

/** Who handles an event: a kind of component and, where there are several, which one: `{ kind: 'kubelet', instance: 'node1' }`. */
export interface Address {
  readonly kind: string
  /** Empty where there is one of the kind. */
  readonly instance: string
}

/** Something that will happen: when, for whom, with what message. Immutable. */
export interface QueuedEvent {
  readonly at: SimTime
  /** Breaks ties: events of one moment happen in the order in which they were queued. */
  readonly seq: number
  readonly to: Address
  readonly message: unknown
  readonly cause: StepId | undefined
  readonly flow: FlowId
  /** Leases, probes, resyncs, time-outs: a world with only these pending is settled. */
  readonly background: boolean
}

/** A binary heap in an array, so that it can be copied as plain data. */
export type EventQueue = QueuedEvent[]

function isBefore(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.seq < b.seq)
}

export function pushEvent(queue: EventQueue, event: QueuedEvent): void {
  let index = queue.length
  queue.push(event)
  while (index > 0) {
    const parentIndex = (index - 1) >> 1
    const parent = queue[parentIndex]
    if (parent === undefined || !isBefore(event, parent)) break
    queue[index] = parent
    index = parentIndex
  }
  queue[index] = event
}

export function popEvent(queue: EventQueue): QueuedEvent | undefined {
  const first = queue[0]
  const last = queue.pop()
  if (first === undefined || last === undefined || queue.length === 0) return first
  let index = 0
  for (;;) {
    const left = 2 * index + 1
    const right = left + 1
    let least: QueuedEvent = last
    let leastIndex = index
    const leftChild = queue[left]
    if (leftChild !== undefined && isBefore(leftChild, least)) {
      least = leftChild
      leastIndex = left
    }
    const rightChild = queue[right]
    if (rightChild !== undefined && isBefore(rightChild, least)) {
      least = rightChild
      leastIndex = right
    }
    queue[index] = least
    if (leastIndex === index) return first
    index = leastIndex
  }
}
