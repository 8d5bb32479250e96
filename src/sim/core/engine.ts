import type { Address, QueuedEvent } from './queue.js'
import { popEvent, pushEvent } from './queue.js'
import type { Random } from './random.js'
import { openStream } from './random.js'
import { SimBug } from './result.js'
import type { FlowId, Step, StepId, StepInput } from './step.js'
import type { SimTime } from './time.js'
import type { World } from './world.js'

/** What a behaviour may do while it handles one event. Lives only as long as the handling. */
export interface Context<Parts extends object, Messages extends object> {
  readonly world: World<Parts>
  readonly now: SimTime
  readonly self: Address
  /** Flow of the event in hand: new steps and messages belong to it unless they say otherwise. */
  readonly flow: FlowId
  /** The latest step of this handling, or the event's own cause: the default cause of what follows. */
  readonly cause: StepId | undefined
  /** Records a step and returns its number. */
  emit(step: StepInput): StepId
  /** Queues a message; `delay` in microseconds from now, at least 0. */
  send<Kind extends keyof Messages & string>(
    to: Target<Kind>,
    message: Messages[Kind],
    delay?: SimTime,
    options?: SendOptions,
  ): void
  /** The named stream of chance; one name per part and purpose: `scheduler.tie`. */
  random(stream: string): Random
}

export interface Target<Kind extends string> {
  readonly kind: Kind
  readonly instance?: string
}

export interface SendOptions {
  readonly flow?: FlowId
  readonly cause?: StepId
  /** Does not keep the world from being settled. */
  readonly background?: boolean
}

/** A component: behaviour without state. Given the world and a message it changes its own part, emits steps and queues messages. */
export type Behaviour<Parts extends object, Messages extends object, Message> = (
  ctx: Context<Parts, Messages>,
  message: Message,
) => void

export type Behaviours<Parts extends object, Messages extends object> = {
  readonly [Kind in keyof Messages]: Behaviour<Parts, Messages, Messages[Kind]>
}

/** Gets each step as it happens. */
export type Recorder = (step: Step) => void

/** Queues a message from outside any handling: at the start of a world, or for what a person does. */
export function enqueue<Parts extends object, Messages extends object, Kind extends keyof Messages & string>(
  world: World<Parts>,
  event: {
    readonly to: Target<Kind>
    readonly message: Messages[Kind]
    readonly at: SimTime
    readonly flow: FlowId
    readonly cause?: StepId
    readonly background?: boolean
  },
): void {
  push(world, {
    at: event.at,
    to: { kind: event.to.kind, instance: event.to.instance ?? '' },
    message: event.message,
    cause: event.cause,
    flow: event.flow,
    background: event.background ?? false,
  })
}

function push<Parts extends object>(world: World<Parts>, event: Omit<QueuedEvent, 'seq'>): void {
  if (!Number.isInteger(event.at) || event.at < world.now) throw new SimBug('bad-event-time', { at: event.at, now: world.now })
  if (!event.background) world.foreground++
  pushEvent(world.queue, { ...event, seq: world.nextSeq++ })
}

/**
 * Handles the next event.
 *
 * @returns false when the queue is empty.
 * @throws SimBug `no-behaviour` when nobody handles such messages.
 */
export function runNext<Parts extends object, Messages extends object>(
  world: World<Parts>,
  behaviours: Behaviours<Parts, Messages>,
  record: Recorder,
): boolean {
  const event = popEvent(world.queue)
  if (event === undefined) return false
  if (!event.background) world.foreground--
  world.now = event.at
  world.ordinal++
  const behaviour = (behaviours as Readonly<Record<string, Behaviour<Parts, Messages, unknown> | undefined>>)[event.to.kind]
  if (behaviour === undefined) throw new SimBug('no-behaviour', { to: event.to.kind })
  behaviour(openContext(world, event, record), event.message)
  return true
}

/**
 * A context outside any event, for looking at a world (or trying something on a snapshot of it).
 * What is emitted goes to `record`; what is sent is queued in this world.
 */
export function visitWorld<Parts extends object, Messages extends object>(
  world: World<Parts>,
  self: Address,
  flow: FlowId,
  record: Recorder,
): Context<Parts, Messages> {
  const visit: QueuedEvent = { at: world.now, seq: 0, to: self, message: undefined, cause: undefined, flow, background: false }
  return openContext(world, visit, record)
}

/** Time of the next event, or undefined when nothing is queued. */
export function nextEventAt<Parts extends object>(world: World<Parts>): SimTime | undefined {
  return world.queue[0]?.at
}

function openContext<Parts extends object, Messages extends object>(
  world: World<Parts>,
  event: QueuedEvent,
  record: Recorder,
): Context<Parts, Messages> {
  let cause = event.cause
  return {
    world,
    now: world.now,
    self: event.to,
    flow: event.flow,
    get cause() {
      return cause
    },
    emit(input) {
      const id = world.nextStep++
      // The facts belong to the kind by StepInput's own type; the spread loses that correlation.
      const step = {
        id,
        at: world.now,
        event: world.ordinal,
        cause: input.cause ?? cause,
        flow: input.flow ?? event.flow,
        kind: input.kind,
        from: input.from,
        to: input.to,
        facts: input.facts,
      } as Step
      record(step)
      cause = id
      return id
    },
    send(to, message, delay = 0, options = {}) {
      push(world, {
        at: world.now + delay,
        to: { kind: to.kind, instance: to.instance ?? '' },
        message,
        cause: options.cause ?? cause,
        flow: options.flow ?? event.flow,
        background: options.background ?? event.background,
      })
    },
    random: (stream) => openStream(world.random, world.seed, stream),
  }
}
