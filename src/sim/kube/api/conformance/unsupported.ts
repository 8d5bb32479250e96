const TABLES = 'tables are made by the command line, not by the API server'
const DISCOVERY = 'the document names kinds that are not served here'

/** Cases that are known to differ, by group, each with the reason. Shrinks visibly: a case that passes must leave this list. */
export const UNSUPPORTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  validation: {
    'val-duplicate-key-strict-yaml':
      'YAML is read before it reaches the API server, which refuses a key given twice with a place of its own',
  },
  'list-watch': {
    'disc-aggregated-apis': DISCOVERY,
    'disc-storage-k8s-io-v1': DISCOVERY,
    'table-clusterroles': TABLES,
    'table-configmaps': TABLES,
    'table-cronjobs': TABLES,
    'table-events': TABLES,
    'table-hpas': TABLES,
    'table-ingressclasses': TABLES,
    'table-leases': TABLES,
    'table-pods-include-none': TABLES,
    'table-priorityclasses': TABLES,
    'table-pvcs': TABLES,
    'table-resourcequotas': TABLES,
    'table-rolebindings': TABLES,
    'table-storageclasses': TABLES,
    'watch-table': TABLES,
  },
}
