/** The simulation's own thread: decodes a message, lets the desk answer it, encodes the answer. */
import type { PageMessage, WorkerMessage } from '../protocol/index.js'
import { PROTOCOL_VERSION } from '../protocol/messages.js'
import { parsePageMessage } from '../protocol/parseMessage.js'
import { createDesk } from './desk.js'

const desk = createDesk()

function post(message: WorkerMessage): void {
  postMessage(message)
}

self.onmessage = (event: MessageEvent<unknown>) => {
  const message: PageMessage | undefined = parsePageMessage(event.data)
  if (message !== undefined) void desk(message).then(post)
}

post({ type: 'hello', protocolVersion: PROTOCOL_VERSION })
