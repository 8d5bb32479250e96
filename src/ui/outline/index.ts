/** Everything that the picture shows, as a tree. */
export { Outline } from './Outline.js'
