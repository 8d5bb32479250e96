import { START_PICTURE } from '../generated/startPicture.js'
import type { Answer, DoneReport, OpenedScenario, PageMessage, Refusal, Source, WorkerMessage } from '../protocol/index.js'
import { PROTOCOL_VERSION } from '../protocol/messages.js'
import { EMPTY_MIRROR, patchMirror, useMirror } from './mirror.js'

/** `Omit` over each member of a union. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** A message to the worker; the client adds number and version. */
export type Ask = Without<PageMessage, 'requestId' | 'protocolVersion'>

export type Reply =
  | { readonly type: 'opened'; readonly opened: OpenedScenario }
  | { readonly type: 'done'; readonly done: DoneReport }
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  | { readonly type: 'crashed' }

let worker: Worker | undefined
let nextRequest = 1
const waiting = new Map<number, (reply: Reply) => void>()

function startWorker(): Worker {
  const started = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module', name: 'podpath' })
  started.onmessage = (event: MessageEvent<WorkerMessage>) => receive(event.data)
  started.onerror = (event) => {
    event.preventDefault()
    useMirror.setState({ phase: 'crashed', crash: { message: event.message, seed: '', step: 0, restored: false } })
    for (const answer of waiting.values()) answer({ type: 'crashed' })
    waiting.clear()
    started.terminate()
    worker = undefined
  }
  return started
}

/** Messages that wait for the worker to be started. */
let held: (() => void)[] | undefined = []

/** Starts the worker and sends what has been asked so far: once the first picture stands, so that it does not wait for the worker's code. */
export function releaseWorker(): void {
  const sends = held ?? []
  held = undefined
  for (const send of sends) send()
}

/**
 * Shows the start scenario as the simulation left it when the page was built. The worker's own answer replaces it, and is the same;
 * what is asked meanwhile waits for the worker.
 */
function showStart(source: Source): void {
  if (source.type !== 'builtin' || source.id !== START_PICTURE.opened.id || useMirror.getState().opened !== undefined) return
  useMirror.setState({ ...patchMirror(EMPTY_MIRROR, START_PICTURE, true), opened: START_PICTURE.opened })
}

/** Sends a message to the simulation; resolves when it is answered. Mirror changes are applied before. Never rejects. */
export function ask(message: Ask): Promise<Reply> {
  const requestId = nextRequest++
  if (message.type === 'open') showStart(message.source)
  const versioned =
    message.type === 'open' ? { ...message, requestId, protocolVersion: PROTOCOL_VERSION } : { ...message, requestId }
  const send = (): void => {
    worker ??= startWorker()
    worker.postMessage(versioned)
  }
  return new Promise((resolve) => {
    waiting.set(requestId, resolve)
    if (held === undefined) send()
    else held.push(send)
  })
}

/** As `ask`, for what is answered by an `Answer` of a known type; undefined when refused. */
export async function askFor<T extends Answer['type']>(
  message: Ask,
  type: T,
): Promise<Extract<Answer, { readonly type: T }> | undefined> {
  const reply = await ask(message)
  if (reply.type !== 'answer' || reply.answer.type !== type) return undefined
  // The tag has just been compared.
  return reply.answer as Extract<Answer, { readonly type: T }>
}

function receive(message: WorkerMessage): void {
  switch (message.type) {
    case 'hello':
      return
    case 'opened':
      useMirror.setState({ ...patchMirror(EMPTY_MIRROR, message, true), opened: message.opened })
      settle(message.requestId, { type: 'opened', opened: message.opened })
      if (message.opened.scenario !== undefined) void askForStory(message.opened)
      return
    case 'done':
      useMirror.setState((mirror) => patchMirror(mirror, message, false))
      settle(message.requestId, { type: 'done', done: message.done })
      return
    case 'answer':
      settle(message.requestId, { type: 'answer', answer: message.answer })
      return
    case 'refused':
      settle(message.requestId, { type: 'refused', refusal: message.refusal })
      return
    case 'crashed': {
      const { message: text, seed, step, restored } = message
      useMirror.setState({ phase: restored ? 'ready' : 'crashed', crash: { message: text, seed, step, restored } })
      settle(message.requestId, { type: 'crashed' })
      return
    }
  }
}

/** The answers of a story's predictions take the simulation a moment: they are asked for when the picture already stands. */
async function askForStory(opened: OpenedScenario): Promise<void> {
  const answer = await askFor({ type: 'story' }, 'story')
  const mirror = useMirror.getState()
  if (answer === undefined || mirror.opened !== opened) return
  useMirror.setState({ opened: { ...opened, scenario: answer.story } })
}

function settle(requestId: number, reply: Reply): void {
  waiting.get(requestId)?.(reply)
  waiting.delete(requestId)
}
