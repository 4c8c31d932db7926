/**
 * Owns broadcast channels in tests: whoever has the name open hears it, in a later turn, and nobody
 * hears himself. Every listener gets a copy of his own, and a closed channel refuses to post.
 */
import type { OpenBroadcast } from '../protocol/hub.js'

export interface MemoryBuses {
  readonly open: OpenBroadcast
  /** As one agent (a tab, a worker) has them, which is told of everything by `later`. */
  agent(later: Later): BusAgent
}

export interface BusAgent {
  readonly open: OpenBroadcast
  /** The agent died: it hears nothing any more. */
  kill(): void
}

type Later = (what: string, run: () => void) => void

interface Member {
  readonly name: string
  hear(message: unknown): void
}

const inALaterTurn: Later = (_what, run) => void Promise.resolve().then(run)

export function createMemoryBuses(): MemoryBuses {
  const members = new Set<Member>()

  function agent(later: Later): BusAgent {
    const own = new Set<Member>()
    const open: OpenBroadcast = (name, onMessage) => {
      const member: Member = {
        name,
        hear: (message) => later(name, () => members.has(member) && onMessage(message)),
      }
      own.add(member)
      members.add(member)
      return {
        post(message) {
          if (!members.has(member)) throw new DOMException('it is closed', 'InvalidStateError')
          for (const other of members) {
            if (other !== member && other.name === name) other.hear(structuredClone(message))
          }
        },
        close() {
          own.delete(member)
          members.delete(member)
        },
      }
    }
    return {
      open,
      kill() {
        for (const member of own) members.delete(member)
      },
    }
  }

  return { open: agent(inALaterTurn).open, agent }
}
