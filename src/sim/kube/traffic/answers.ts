import type { Socket } from '../../net/sockets.js'
import type { HostName } from '../../net/state.js'
import type { World } from '../context.js'
import { PROXY_OWNER } from '../proxy/healthChecks.js'
import type { HttpAnswer } from '../proxy/httpAnswers.js'
import { answerOfProxy } from '../proxy/httpAnswers.js'

/** What a listening process answers to `GET path` at this moment. */
export function httpAnswer(world: World, host: HostName, socket: Socket, path: string): HttpAnswer {
  if (socket.owner === PROXY_OWNER) return answerOfProxy(world, host, socket.port, path, socket.family === 6 ? 'IPv6' : 'IPv4')
  const { status, body } = socket.response
  return { status, headers: {}, body }
}
