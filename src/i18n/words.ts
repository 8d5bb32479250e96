/** The same keys as an English part; missing and extra ones fail to compile, differing placeholders fail a test. */
export type Words<Part> = { readonly [K in keyof Part]: string }
