/** All of the worker that the first picture does not need: reading files and links, kubectl, answers. Loaded right after it. */
export { TOOLS } from '../session/index.js'
export { openSource } from './open.js'
export { answerQuestion } from './questions.js'
