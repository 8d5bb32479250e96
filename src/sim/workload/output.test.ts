import { describe, expect, it } from 'vitest'
import { outputOf } from './output.js'

const shell = (script: string, env: Readonly<Record<string, string>> = {}) =>
  outputOf({
    name: 'c',
    image: 'busybox',
    command: ['sh', '-c', script],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
  })

describe('what a container says', () => {
  it.each([
    ['echo hello; sleep 3600', ['hello']],
    ['echo "a  b" && echo \'c d\' && exit 1', ['a  b', 'c d']],
    ['while true; do sleep 5; done', []],
    ['echo started; while true; do sleep 5; done', ['started']],
    ['while true; do date; sleep 5; done', undefined],
    ['echo $(date)', undefined],
    ['echo hi > /tmp/x', undefined],
    ['ls -l', undefined],
  ] as const)('%s', (script, said) => {
    expect(shell(script)).toEqual(said)
  })

  it('knows the variables that are written down', () => {
    expect(shell('echo "$GREETING, $NAME"', { GREETING: 'hi', NAME: 'pod' })).toEqual(['hi, pod'])
    expect(shell('echo $HOSTNAME')).toBeUndefined()
  })

  it('knows why an image refuses to start, and does not guess what another says', () => {
    expect(outputOf({ name: 'c', image: 'postgres' })?.[0]).toContain('superuser password is not specified')
    expect(outputOf({ name: 'c', image: 'nginx' })).toBeUndefined()
    expect(outputOf({ name: 'c', image: 'registry.k8s.io/pause:3.10' })).toEqual([])
  })
})
