import { expect, it } from 'vitest'
import { kyaml } from './kyaml.js'

it('[KUBECTL7] kyaml quotes every text, keys only where they could be read as something else', () => {
  const value = {
    kind: 'Service',
    metadata: { labels: { 'app.kubernetes.io/name': 'web', on: 'x', '1': 'y' }, name: 'web' },
    spec: { clusterIPs: ['10.96.0.1'], ports: [{ port: 80 }, { port: 443 }], selector: {}, list: [] },
    text: 'one\n  two\n',
  }
  expect(kyaml(value)).toBe(`---
{
  kind: "Service",
  metadata: {
    labels: {
      "1": "y",
      app.kubernetes.io/name: "web",
      "on": "x",
    },
    name: "web",
  },
  spec: {
    clusterIPs: [
      "10.96.0.1",
    ],
    list: [],
    ports: [{
      port: 80,
    }, {
      port: 443,
    }],
    selector: {},
  },
  text: "\\
     one\\n\\
    \\  two\\n\\
    ",
}
`)
})
