import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '../../generated/kubeTypes.js'
import { SECOND } from '../core/time.js'
import { courseOf } from './command.js'
import { fullImageName, pullError } from './images.js'
import { workloadOf } from './workload.js'

function run(container: Partial<Container>, annotations: Record<string, string> = {}) {
  const full: Container = { name: 'c', ...container }
  const pod: Pod = { metadata: { name: 'p', namespace: 'default', annotations }, spec: { containers: [full] } }
  return workloadOf(pod, full, '10.244.1.2')
}

describe('workloads', () => {
  it.each([
    ['stock nginx listens on 80 whatever is declared', { image: 'nginx:1.27', ports: [{ containerPort: 8080 }] }, [80]],
    ['any other image listens on its containerPorts', { image: 'example.com/shop:1', ports: [{ containerPort: 9000 }] }, [9000]],
    ['a flag moves a port', { image: 'hashicorp/http-echo', args: ['-listen=:8081', '-text=hi'] }, [8081]],
    ['so does a variable', { image: 'gcr.io/google-samples/hello-app:1.0', env: [{ name: 'PORT', value: '9090' }] }, [9090]],
    ['a sleeping shell listens on nothing', { image: 'busybox', command: ['sleep', '3600'], ports: [{ containerPort: 80 }] }, []],
    ['a small server of a script', { image: 'busybox', command: ['sh', '-c', 'while true; do nc -l -p 8080; done'] }, [8080]],
  ] as const)('%s', (_, container, ports) => {
    expect(run(container as Partial<Container>).listens.map((each) => each.port)).toEqual(ports)
  })

  it('tells what it is told', () => {
    expect(run({ image: 'hashicorp/http-echo', args: ['-text=hello'] }).body).toBe('hello')
    expect(run({ image: 'traefik/whoami' }).body).toContain('Hostname: p')
  })

  it('ends where the real one does', () => {
    expect(run({ image: 'busybox' }).exit?.code).toBe(0)
    expect(run({ image: 'mysql:8' }).exit?.code).toBe(1)
    expect(run({ image: 'mysql:8', env: [{ name: 'MYSQL_ROOT_PASSWORD', value: 'x' }] }).exit).toBeUndefined()
    expect(run({ image: 'nginx' }, { 'podpath.dev/crash-after': '30s' }).exit).toMatchObject({ after: 30 * SECOND, code: 1 })
  })

  it.each([
    [['sh', '-c', 'exit 3'], { kind: 'exit', code: 3 }],
    [['sh', '-c', 'echo start; sleep 5; exit 1'], { kind: 'exit', code: 1 }],
    [['sleep', 'infinity'], { kind: 'idle' }],
    [['/bin/sh', '-c', 'while true; do date; sleep 1; done'], { kind: 'idle' }],
    [['/doesnotexist'], { kind: 'missing' }],
    [
      ['sh', '-c', 'until nslookup mydb.$(cat /var/run/ns).svc.cluster.local; do echo waiting; sleep 2; done'],
      { kind: 'await', host: 'mydb', what: 'name' },
    ],
    [['sh', '-c', 'until nc -z postgres 5432; do sleep 1; done'], { kind: 'await', host: 'postgres', what: 'answer' }],
    [
      ['sh', '-c', 'while ! wget -q -O- http://api.shop:8080/; do sleep 1; done'],
      { kind: 'await', host: 'api.shop', what: 'answer' },
    ],
  ] as const)('%j', (words, course) => {
    expect(courseOf(words)).toMatchObject(course)
  })

  it('knows images that cannot be pulled', () => {
    expect(pullError('nginx:doesnotexist')).toMatch(/docker.io\/library\/nginx:doesnotexist: not found/)
    expect(pullError('nginx:1.27')).toBeUndefined()
    expect(fullImageName('traefik/whoami')).toBe('docker.io/traefik/whoami:latest')
    expect(fullImageName('localhost:5000/a/b:1')).toBe('localhost:5000/a/b:1')
  })
})
