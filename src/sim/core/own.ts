/**
 * What a record itself holds under a key that came from outside: `constructor`, `valueOf` and `__proto__`, which every object
 * inherits, are absent like any other unknown word.
 */
export function own<V>(record: Readonly<Record<string, V>> | undefined, key: string): V | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}
