import { describe, expect, it } from 'vitest'
import { violationsOf } from './podSecurityChecks.js'

const GOOD = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'c',
      image: 'nginx',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ],
}

describe('Pod Security levels', () => {
  it('lets everything pass at the lowest level, and a careful Pod at all', () => {
    expect(violationsOf('privileged', { hostNetwork: true })).toBe('')
    expect(violationsOf('baseline', GOOD)).toBe('')
    expect(violationsOf('restricted', GOOD)).toBe('')
  })

  it('tells what the baseline forbids', () => {
    const spec = {
      hostNetwork: true,
      hostPID: true,
      volumes: [{ name: 'root', hostPath: { path: '/' } }],
      containers: [
        { name: 'c', image: 'nginx', ports: [{ containerPort: 80, hostPort: 80 }], securityContext: { privileged: true } },
      ],
    }
    expect(violationsOf('baseline', spec)).toBe(
      'host namespaces (hostNetwork=true, hostPID=true), hostPath volumes (volume "root"), hostPort (container "c" uses hostPort 80), privileged (container "c" must not set securityContext.privileged=true)',
    )
  })

  it('tells stricter checks instead of those they stand for', () => {
    const spec = { ...GOOD, volumes: [{ name: 'root', hostPath: { path: '/' } }] }
    expect(violationsOf('restricted', spec)).toBe(
      'restricted volume types (volume "root" uses restricted volume type "hostPath")',
    )
    expect(violationsOf('restricted', spec, true)).toBe('restricted volume types')
  })
})
