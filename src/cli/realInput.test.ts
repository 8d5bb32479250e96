import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { isRecord, readDocuments, suggestFix } from '../scenario/index.js'
import { Batch } from './batch.js'

const fileOf = (name: string): string => readFileSync(fileURLToPath(new URL(`testdata/${name}`, import.meta.url)), 'utf8')

interface Answer {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

/** A cluster without anything, and a terminal on it. */
function terminal(): (verb: string, args: readonly string[], files?: Readonly<Record<string, string>>) => Answer {
  const batch = new Batch()
  batch.answer(JSON.stringify({ id: 0, verb: 'kubectl', args: ['version'], files: {}, session: 's' }))
  return (verb, args, files = {}) => {
    const answer: unknown = JSON.parse(batch.answer(JSON.stringify({ id: 1, verb, args, files, session: 's' })))
    if (!isRecord(answer)) throw new Error('no answer')
    return { exit: Number(answer['exit']), stdout: String(answer['stdout']), stderr: String(answer['stderr']) }
  }
}

const APPS = [
  { name: 'guestbook.yaml', objects: 6, pods: 6, namespace: 'default', service: 'frontend.default.svc.cluster.local:80' },
  { name: 'voting.yaml', objects: 10, pods: 6, namespace: 'vote', service: 'vote.vote.svc.cluster.local:8080' },
  { name: 'shop.yaml', objects: 33, pods: 12, namespace: 'default', service: 'frontend.default.svc.cluster.local:80' },
] as const

describe('what people deploy to learn', () => {
  it.each(APPS)('[REAL1] $name is accepted, and every Pod comes to run', ({ name, objects, pods, namespace, service }) => {
    const ask = terminal()
    const applied = ask('kubectl', ['apply', '-f', name], { [name]: fileOf(name) })
    expect(applied.stderr).toBe('')
    expect(applied.stdout.trim().split('\n')).toHaveLength(objects)
    ask('wait', ['60s'])
    const listed = ask('kubectl', ['get', 'pods', '-n', namespace, '--no-headers'])
    const lines = listed.stdout.trim().split('\n')
    expect(lines).toHaveLength(pods)
    for (const line of lines) expect(line).toMatch(/ 1\/1 +Running +0 /)
    const [pod = ''] = (lines[0] ?? '').split(/\s+/)
    const traced = ask('trace', ['--from', `pod/${namespace}/${pod}`, '--to', service, '--all', '--json'])
    expect(traced.stdout).toContain('"verdict":"delivered"')
    expect(ask('kubectl', ['apply', '-f', name], { [name]: fileOf(name) }).stdout).not.toMatch(/created|configured/)
  })

  it('[REAL2] the first tutorials’ Deployment is refused in kubectl’s words; fixed, it runs', () => {
    const ask = terminal()
    const text = fileOf('extensions.yaml')
    expect(ask('kubectl', ['apply', '-f', 'd.yaml'], { 'd.yaml': text })).toEqual({
      exit: 1,
      stdout: '',
      stderr:
        'error: resource mapping not found for name: "nginx" namespace: "" from "d.yaml": no matches for kind "Deployment" in version "extensions/v1beta1"\nensure CRDs are installed first\n',
    })
    const read = readDocuments([{ name: 'd.yaml', text }])
    const [document] = read.ok ? read.value.documents : []
    const fixed = document === undefined ? undefined : suggestFix(document, text)?.text
    expect(ask('kubectl', ['apply', '-f', 'd.yaml'], { 'd.yaml': fixed ?? '' }).stdout).toBe('deployment.apps/nginx created\n')
    expect(ask('kubectl', ['rollout', 'status', 'deploy/nginx']).stdout).toContain('successfully rolled out')
  })

  it('[REAL3] what kubectl prints as YAML can be applied as it stands', () => {
    const ask = terminal()
    ask('kubectl', ['apply', '-f', 'a.yaml'], { 'a.yaml': fileOf('guestbook.yaml') })
    const printed = ask('kubectl', ['get', 'deploy,svc', '-o', 'yaml']).stdout
    const again = ask('kubectl', ['apply', '-f', 'b.yaml'], { 'b.yaml': printed })
    expect(again.exit).toBe(0)
    expect(again.stdout).toMatch(/deployment.apps\/frontend (?:unchanged|configured)/)
  })

  it('[REAL4] a half-good file: each object for itself, with a report', () => {
    const ask = terminal()
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 0}]}\n---\napiVersion: v1\nkind: Nothing\nmetadata: {name: x}\n'
    const answer = ask('kubectl', ['apply', '-f', 'a.yaml'], { 'a.yaml': text })
    expect(answer.exit).toBe(1)
    expect(answer.stdout).toBe('configmap/good created\n')
    expect(answer.stderr).toContain('Service "bad" is invalid')
    expect(answer.stderr).toContain('no matches for kind "Nothing" in version "v1"')
  })
})
