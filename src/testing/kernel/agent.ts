import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { spawn } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('./agent.mjs', import.meta.url))

export interface ConnectRequest {
  readonly proto: 'tcp' | 'udp'
  readonly ip: string
  readonly port: number
  /** Milliseconds of real time. */
  readonly timeout: number
  /** Source port; the kernel's choice when absent. */
  readonly sport?: number
}

/** What became of a real connection. */
export type ConnectResult =
  | { readonly verdict: 'answered'; readonly who: string; readonly source: string; readonly sourcePort: number }
  | { readonly verdict: 'error'; readonly code: string }
  | { readonly verdict: 'timeout' }
  /** The handshake went through, what followed did not. */
  | { readonly verdict: 'silent' }
  | { readonly verdict: 'garbled'; readonly text: string }

/** A process that lives in a network namespace, and does what it is asked. */
export interface Agent {
  listen(socket: {
    readonly who: string
    readonly proto: 'tcp' | 'udp'
    readonly port: number
    readonly address?: string
  }): Promise<void>
  connect(request: ConnectRequest): Promise<ConnectResult>
  stop(): void
}

/** Starts an agent and waits until it is ready. */
export async function startAgent(namespace: string): Promise<Agent> {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, SCRIPT], { stdio: 'pipe' })
  const waiting = new Map<number, (message: Record<string, unknown>) => void>()
  await ready(child, waiting, namespace)
  let next = 1
  const ask = (command: object): Promise<Record<string, unknown>> =>
    new Promise((resolve) => {
      const id = next++
      waiting.set(id, resolve)
      child.stdin.write(`${JSON.stringify({ id, ...command })}\n`)
    })
  return {
    async listen(socket) {
      const { error } = await ask({ kind: 'listen', ...socket })
      if (error !== undefined) throw new Error(`${namespace}: cannot listen on ${socket.proto} ${socket.port}: ${String(error)}`)
    },
    async connect(request) {
      // The agent is our own program: it answers in this form.
      return (await ask({ kind: 'connect', ...request })) as unknown as ConnectResult
    },
    stop() {
      child.stdin.end()
      child.kill('SIGKILL')
    },
  }
}

function ready(
  child: ChildProcessWithoutNullStreams,
  waiting: Map<number, (message: Record<string, unknown>) => void>,
  namespace: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += String(chunk)
    })
    child.once('exit', (code) => reject(new Error(`agent of ${namespace} ended with ${code}: ${errors}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line) as Record<string, unknown>
      if (message['ready'] === true) {
        resolve()
        return
      }
      const id = Number(message['id'])
      waiting.get(id)?.(message)
      waiting.delete(id)
    })
  })
}
