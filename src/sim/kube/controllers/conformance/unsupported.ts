/** Stories that the simulation does not tell as recorded, and why. A story that passes must leave this list. */
export const UNSUPPORTED: Readonly<Record<string, string>> = {}

/** Stories whose intermediate states differ because updates are batched otherwise here; all else of them is compared. */
export const OTHER_BATCHES: ReadonlySet<string> = new Set([
  'deploy-pause-resume',
  'deploy-update-surge2-unavail2',
  'ds-taints-cordon',
  'job-suspend-resume',
  'node-all-lost',
  'node-noexecute-taint',
  'sts-scale-blocked-by-unready',
])
