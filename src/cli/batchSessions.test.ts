import { describe, expect, it } from 'vitest'
import { decodeLink } from '../protocol/index.js'
import { isRecord } from '../scenario/index.js'
import { Batch } from './batch.js'

const MAP = { 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' }

interface Request {
  readonly verb: string
  readonly args?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly session?: string
}

function asker(): (request: Request) => { readonly exit: number; readonly stdout: string; readonly stderr: string } {
  const batch = new Batch()
  return (request) => {
    const answer: unknown = JSON.parse(batch.answer(JSON.stringify({ id: 1, ...request })))
    if (!isRecord(answer)) throw new Error('no answer')
    return { exit: Number(answer['exit']), stdout: String(answer['stdout']), stderr: String(answer['stderr']) }
  }
}

const NAMES = ['get', 'cm', '-o', 'name']

describe('a session', () => {
  it('[SES1] keeps its cluster when the first verb is refused', () => {
    const ask = asker()
    expect(ask({ verb: 'rules', args: ['--node', 'nobody'], files: MAP, session: 's' }).exit).toBe(1)
    expect(ask({ verb: 'kubectl', args: NAMES, session: 's' }).stdout).toContain('configmap/a\n')
  })

  it('[SES2] is made by the first request whose files can be used', () => {
    const ask = asker()
    expect(ask({ verb: 'kubectl', args: NAMES, files: { 'a.yaml': 'x' }, session: 's' }).exit).toBe(1)
    expect(ask({ verb: 'kubectl', args: NAMES, files: MAP, session: 's' }).stdout).toContain('configmap/a\n')
  })

  it('[SES3] is nobody else’s: neither another session nor a request without one sees what it did', () => {
    const ask = asker()
    const names = (session?: string): string =>
      ask({ verb: 'kubectl', args: NAMES, files: MAP, ...(session === undefined ? {} : { session }) }).stdout
    const before = names()
    expect(ask({ verb: 'kubectl', args: ['delete', 'cm', 'a'], files: MAP }).stdout).toBe(
      'configmap "a" deleted from default namespace\n',
    )
    expect(names()).toBe(before)
    expect(names('s')).toBe(before)
    ask({ verb: 'kubectl', args: ['delete', 'cm', 'a'], session: 's' })
    expect(names('s')).not.toBe(before)
    expect(names('t')).toBe(before)
    expect(names()).toBe(before)
  })

  it('[SES4] has a digest of what has become of it, whatever the detours', () => {
    const ask = asker()
    const digest = (...args: readonly string[]): string => ask({ verb: 'digest', args, files: MAP, session: 's' }).stdout
    const start = digest()
    expect(start).toMatch(/^[0-9a-f]{32}\n$/)
    ask({ verb: 'kubectl', args: ['create', 'deployment', 'web', '--image=nginx'], session: 's' })
    ask({ verb: 'wait', args: ['20s'], session: 's' })
    const later = digest()
    expect(later).not.toBe(start)
    expect(digest('--detour', '3')).toBe(later)
  })

  it('[SES5] can be handed on as a link, with what was done', () => {
    const ask = asker()
    ask({ verb: 'kubectl', args: ['delete', 'cm', 'a'], files: MAP, session: 's' })
    const link = ask({ verb: 'link', session: 's' }).stdout.trim()
    const decoded = decodeLink(link.replace('#/s/', ''))
    expect(decoded).toMatchObject({
      ok: true,
      value: {
        files: [{ name: 'a.yaml', text: MAP['a.yaml'] }],
        actions: [{ action: { type: 'kubectl', args: ['delete', 'cm', 'a'] } }],
      },
    })
  })

  it('[SES6] a link stands for its files: the same world is made again', () => {
    const ask = asker()
    ask({ verb: 'kubectl', args: ['create', 'deployment', 'web', '--image=nginx'], files: MAP, session: 's' })
    ask({ verb: 'wait', args: ['20s'], session: 's' })
    const files = { 'link.txt': ask({ verb: 'link', session: 's' }).stdout }
    expect(ask({ verb: 'kubectl', args: ['get', 'deploy,cm', '-o', 'name'], files }).stdout).toContain(
      'deployment.apps/web\nconfigmap/a\n',
    )
    const shared = ask({ verb: 'digest', files }).stdout
    expect(ask({ verb: 'digest', args: ['--detour', '2'], files }).stdout).toBe(shared)
  })
})
