/** Cases that are known to differ, by group, each with the reason. Shrinks visibly: a case that passes must leave this list. */
export const UNSUPPORTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  validation: {
    'val-duplicate-key-strict-yaml':
      'YAML is read before it reaches the API server, which refuses a key given twice with a place of its own',
  },
}
