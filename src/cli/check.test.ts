import { describe, expect, it } from 'vitest'
import { runVerb } from './runVerb.js'

const EXERCISE = {
  name: 'exercise.yaml',
  text: `apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata: {name: exercise}
spec:
  title: Exercise
  checks:
  - name: web answers
    trace: {from: client, to: '172.18.0.11:30080', verdict: delivered, pods: [default/web-*]}
  - name: two replicas
    object: {resource: deployments, key: default/web, path: spec.replicas, equals: 2}
`,
}

const web = (replicas: number, port = 80): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx:1.27, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports:
  - port: ${port}
    targetPort: 80
    nodePort: 30080
`

const check = (text: string | undefined, ...args: readonly string[]) =>
  runVerb({ verb: 'check', args, files: text === undefined ? [EXERCISE] : [EXERCISE, { name: 'mine.yaml', text }] })

describe('check', () => {
  it('[CHECK1] exits 0 when all pass, and says what it found when not', () => {
    expect(check(web(2))).toEqual({ exit: 0, stdout: 'ok      web answers\nok      two replicas\n', stderr: '' })
    expect(check(web(3))).toMatchObject({ exit: 1, stdout: 'ok      web answers\nnot ok  two replicas: found 3\n', stderr: '' })
    expect(JSON.parse(check(undefined, '--json').stdout)).toMatchObject({
      passed: false,
      checks: [
        { name: 'web answers', ok: false },
        { name: 'two replicas', ok: false, found: 'nothing' },
      ],
    })
  })

  it('[CHECK2] takes a share link, bare or as an address', () => {
    const link = runVerb({ verb: 'link', args: [], files: [EXERCISE, { name: 'mine.yaml', text: web(2) }] }).stdout
    expect(check(link).exit).toBe(0)
    expect(check(`https://example.org/podpath/?lang=zh-TW${link}`).exit).toBe(0)
  })

  it.each([
    ['a: [', /^mine\.yaml:1:\d+: /],
    [web(2, 0), /^mine\.yaml:18:5: The Service "web" is invalid: /],
    [web(2).replace('apps/v1', 'apps/v2'), /^mine\.yaml:1:1: error: resource mapping not found for name: "web"/],
  ])('[CHECK3] points at what is wrong with a submission', (text, wanted) => {
    expect(check(text)).toMatchObject({ exit: 1, stdout: '', stderr: expect.stringMatching(wanted) })
  })
})
