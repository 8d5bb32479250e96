/** Classes that every cluster has. Source: kubernetes pkg/apis/scheduling/v1/helpers.go SystemPriorityClasses */
export const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}
