import type { KubectlEnv, KubectlResult } from './environment.js'

/** Runs one kubectl command line (without the word `kubectl`) and prints what the real one prints. */
export function runKubectl(args: readonly string[], _env: KubectlEnv): KubectlResult {
  return { exit: 1, stdout: '', stderr: `error: unknown command "${args[0] ?? ''}" for "kubectl"\n` }
}
