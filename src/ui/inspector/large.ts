import { create } from 'zustand'

/** Whether the inspector lies over half of the page, for long lines. */
export const useLarge = create<{ readonly large: boolean }>()(() => ({ large: false }))
