/**
 * Owns the way of a notice to a person: by their system, where they let it and look elsewhere; else as a
 * message in this page. What is global about it is handed in.
 */
export interface Notices {
  /** Throws where the system refuses: whoever tells has not told, then. */
  show(text: string): void
  /** Somebody else sits down. */
  clear(): void
  /** Whether it makes sense to ask for leave. */
  readonly mayAsk: boolean
  /** Only in answer to a press: browsers refuse anything else. */
  ask(): void
}

export interface NoticesOptions {
  /** Undefined: this browser has none. */
  readonly system: SystemNotices | undefined
  readonly isSeen: () => boolean
  /** Returns its own undo. */
  readonly showInPage: (text: string) => () => void
}

/** The part of the Notifications API that this app uses. */
export interface SystemNotices {
  readonly permission: NotificationPermission
  requestPermission(): Promise<NotificationPermission>
  new (title: string, options?: NotificationOptions): unknown
}

export function createNotices({ system, isSeen, showInPage }: NoticesOptions): Notices {
  let inPage: readonly (() => void)[] = []
  return {
    show(text) {
      if (system?.permission === 'granted' && !isSeen()) new system(text, { icon: '/icon.svg' })
      else inPage = [...inPage, showInPage(text)]
    },
    clear() {
      for (const hide of inPage) hide()
      inPage = []
    },
    get mayAsk() {
      return system?.permission === 'default'
    },
    ask() {
      void system?.requestPermission()
    },
  }
}
