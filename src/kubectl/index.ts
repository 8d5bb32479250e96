export type { KubectlEnv, KubectlResult, KubectlWait } from './environment.js'
export { runKubectl } from './runKubectl.js'
export { summarizePod } from './table/pods.js'
