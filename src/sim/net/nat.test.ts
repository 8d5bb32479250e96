import { describe, expect, it } from 'vitest'
import { exploreTo, load, testNet } from './testNet.js'
import { listen } from './topology.js'

const response = { status: 200, body: '', latencyUs: 0, servedBy: '' }

describe('masquerading', () => {
  it('over lo takes the first device’s address, for a loopback one would reach nobody else', () => {
    const net = testNet()
    listen(net, 'node1', { proto: 'tcp', port: 8_080, owner: 'app', response })
    load(
      net,
      'node1',
      `nat OUTPUT: -d 172.18.0.11 -p tcp -m tcp --dport 30080 -j DNAT --to-destination 172.18.0.11:8080
nat POSTROUTING: -j MASQUERADE`,
    )
    const [only] = exploreTo(net, 'node1', '172.18.0.11', 30_080)
    expect(only?.value.ending).toMatchObject({ verdict: 'delivered', sourceSeen: '172.18.0.11' })
  })
})
