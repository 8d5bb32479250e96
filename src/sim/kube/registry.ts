import type { Behaviours } from '../core/engine.js'
import { createNetState } from '../net/state.js'
import { createApiPart, createInformersPart } from './api/part.js'
import { apiServer } from './api/watch.js'
import { controllerBehaviour } from './controllers/manager.js'
import { createControllersPart } from './controllers/part.js'
import { createEtcdPart } from './etcd/store.js'
import { createEventsPart } from './events.js'
import type { Messages } from './messages.js'
import type { Parts } from './parts.js'
import { kubeProxy } from './proxy/component.js'
import { createProxyPart } from './proxy/part.js'
import { network } from './traffic/network.js'
import { createTrafficPart } from './traffic/part.js'

/** Every component's behaviour by its kind; what a person does (`person`) is supplied by the session. */
export const behaviours: Omit<Behaviours<Parts, Messages>, 'person'> = {
  apiserver: apiServer,
  controller: controllerBehaviour,
  'kube-proxy': kubeProxy,
  network,
}

/** The state of all components of a world in which nothing has happened. */
export function createParts(): Parts {
  return {
    etcd: createEtcdPart(),
    api: createApiPart(),
    informers: createInformersPart(),
    controllers: createControllersPart(),
    events: createEventsPart(),
    proxy: createProxyPart(),
    net: createNetState(),
    traffic: createTrafficPart(),
  }
}
