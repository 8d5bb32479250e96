import type { Behaviours } from '../core/engine.js'
import { createNetState } from '../net/state.js'
import { createApiPart, createInformersPart } from './api/part.js'
import { apiServer } from './api/watch.js'
import { createEtcdPart } from './etcd/store.js'
import type { Messages } from './messages.js'
import type { Parts } from './parts.js'
import { kubeProxy } from './proxy/component.js'
import { createProxyPart } from './proxy/part.js'

/** Every component's behaviour by its kind; what a person does (`person`) is supplied by the session. */
export const behaviours: Omit<Behaviours<Parts, Messages>, 'person'> = {
  apiserver: apiServer,
  'kube-proxy': kubeProxy,
}

/** The state of all components of a world in which nothing has happened. */
export function createParts(): Parts {
  return {
    etcd: createEtcdPart(),
    api: createApiPart(),
    informers: createInformersPart(),
    proxy: createProxyPart(),
    net: createNetState(),
  }
}
