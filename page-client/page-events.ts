/**
 * Owns what follows from what the browser says of this page: seen or not, leaving, back, frozen, online
 * again. A page that nobody sees may be gone any moment, so what it has sent goes aboard its lifeboat
 * (P2); a page that is away has no broker, and leads nobody (P12).
 */
import type { Attachment } from './attachment.js'
import type { Background } from './background.js'
import type { Conversation } from './conversation.js'
import type { Deliveries } from './deliveries.js'
import type { PageEnvironment } from './environment.js'
import type { Hosts } from './hosts/hosts.js'
import type { Rescue } from './rescue.js'

export interface PageEventsOptions {
  readonly environment: Pick<PageEnvironment, 'listen'>
  readonly attachment: Attachment
  readonly hosts: Pick<Hosts, 'seen' | 'sleep'>
  readonly conversation: Pick<Conversation, 'interrupt'>
  readonly deliveries: Pick<Deliveries, 'board' | 'size'>
  readonly rescue: Pick<Rescue, 'sleep'>
  readonly background: Background
  /** Nothing more is asked of the line in this tab. */
  isOver(): boolean
  /** There is no broker, and none is coming. */
  hasFailed(): boolean
  /** Another page has written something of this name to localStorage. */
  onWritten(name: string): void
}

export interface PageWatch {
  readonly isHidden: boolean
  close(): void
}

export function watchPage(options: PageEventsOptions): PageWatch {
  const { attachment, hosts, deliveries } = options
  let isHidden = false

  function keepSafe(): void {
    if (options.isOver()) return
    deliveries.board()
    options.background.concealed(deliveries.size > 0)
  }

  const close = options.environment.listen({
    hidden() {
      keepSafe()
      attachment.detach()
      hosts.sleep()
      options.rescue.sleep()
      options.conversation.interrupt()
    },
    shown: attachment.attach,
    visible() {
      isHidden = false
      hosts.seen(true)
      attachment.broker?.visible(true)
      attachment.broker?.suspect('visible')
    },
    concealed() {
      isHidden = true
      hosts.seen(false)
      attachment.broker?.visible(false)
      keepSafe()
    },
    online() {
      if (attachment.broker) attachment.broker.suspect('online')
      else if (options.hasFailed()) attachment.attach()
    },
    resumed: () => attachment.broker?.suspect('woke'),
    written: options.onWritten,
  })

  return {
    get isHidden() {
      return isHidden
    },
    close,
  }
}
