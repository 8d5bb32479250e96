/** What a controller has decided, by the code of the decision. */
export const decisions = {
  'decision.sync-endpoints':
    '{controller} asks which Pods fit {object}: {endpoints}, of which {ready} ready. EndpointSlices to create: {create}, to update: {update}, to delete: {delete}.',
  'decision.sync-endpoints-object':
    '{controller} brings the old Endpoints object of {object} up to date: {addresses:ready address/ready addresses}.',
  'decision.node-silent':
    '{controller} has heard nothing of {object} for {silentSeconds:second/seconds} and no longer takes it for ready.',
  'decision.drive-out': '{controller} marks {object} with the taint {taint}: Pods that do not tolerate it have to go.',
  'decision.evict-later':
    '{controller}: {object} tolerates {taints} for {seconds:second/seconds}; if the taint is still there then, the Pod is evicted.',
  'decision.sync-nodes':
    '{controller}: {object} wants a Pod on each Node that fits ({nodes} looked at). To create: {create}, to delete: {delete}.',
  'decision.roll-out':
    '{controller} rolls out the new template of {object}: {replace:Pod/Pods} to replace, {surge} more meanwhile.',
  'decision.create-pod': '{controller}: {object} lacks the Pod {pod}, so it asks for it.',
  'decision.replace-pod': '{controller} replaces the Pod {pod} of {object}: its template is of an earlier revision.',
  'decision.scale-down': '{controller}: {object} wants only {wanted}, so it deletes the last one, {pod}.',
  'decision.start-job': '{controller}: {object} is due, so it starts the Job {job}.',
  'decision.rescale': '{controller} sets the replicas for {object} from {from} to {to}: {reason}.',
  'decision.adopt': '{controller}: {which} fits the selector of {object} and has no owner, so it is adopted.',
  'decision.collect': '{controller} deletes {object}: its owner is gone ({owners}).',
  'decision.delete-old-replicaset':
    '{controller} deletes {replicaSet}: {object} keeps only so many old ReplicaSets for rolling back.',
  'decision.allocate-pod-range': '{controller} gives {object} the Pod addresses {podCIDR}.',
} as const
