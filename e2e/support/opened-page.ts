/** Owns the opening of a page by a page, not by the driver: only such a page may close itself. */
import type { BrowserContext, Page } from '@playwright/test'

export async function openedPage(context: BrowserContext, url: string): Promise<Page> {
  const [first] = context.pages()
  if (!first) throw new Error('a browser begins with a page')
  const opened = context.waitForEvent('page')
  // A browser that is killed before it has heard of it refuses both.
  opened.catch(() => {})
  await first.evaluate((to) => void open(to, '_blank', 'noopener'), url)
  return opened
}
