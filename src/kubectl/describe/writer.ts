import { alignTabs, DESCRIBE_STYLE } from '../text/tabwriter.js'

/** Builds a description line by line; levels indent by two blanks, tabs separate columns. */
export class DescribeWriter {
  private readonly done: string[] = []
  private pending = ''

  /** Adds text that brings its own line breaks. */
  write(level: number, text: string): void {
    this.pending += '  '.repeat(level) + text
  }

  line(level: number, text: string): void {
    this.write(level, `${text}\n`)
  }

  /** What comes next is laid out by itself. */
  flush(): void {
    this.done.push(alignTabs(this.pending, DESCRIBE_STYLE))
    this.pending = ''
  }

  text(): string {
    this.flush()
    return this.done.join('')
  }

  /** Everything as it was written, its columns not laid out. */
  raw(): string {
    return this.pending
  }
}
