/**
 * Owns questions that outlive the broker they were asked of (P12, F12): if it dies, the next one answers;
 * if none does in time, the asker is told so, and that it may ask again. Only for what may be done
 * twice.
 */
import { type ErrorInfo, PartylineError } from '../protocol/errors.js'
import { pageError } from '../protocol/sentences.js'
import type { PageEnvironment } from './environment.js'
import type { RemoteBroker } from './remote-broker.js'
import { quietly } from './resolvers.js'

export interface Questions {
  /** `otherwise`: the answer when nobody can be asked any more. */
  ask<T>(question: (broker: RemoteBroker) => Promise<T>, otherwise: T): Promise<T>
  /** There is a broker now, or another one. */
  attached(broker: RemoteBroker): void
  /** There is none and none is coming. */
  fail(error: ErrorInfo): void
}

export interface QuestionsOptions extends Pick<PageEnvironment, 'after'> {
  broker(): RemoteBroker | undefined
  /** There is no broker and none is coming. */
  isOver(): boolean
}

const DEADLINE_MS = 10_000

export function createQuestions({ after, broker, isOver }: QuestionsOptions): Questions {
  const waiting = new Map<(broker: RemoteBroker) => void, (error: ErrorInfo) => void>()

  return {
    ask<T>(question: (broker: RemoteBroker) => Promise<T>, otherwise: T): Promise<T> {
      if (isOver()) return Promise.resolve(otherwise)
      const { promise, resolve, reject } = quietly<T>()
      const end = (): void => {
        waiting.delete(ask)
        stop()
      }
      const fail = (error: ErrorInfo): void => {
        end()
        reject(new PartylineError(error))
      }
      const ask = (of: RemoteBroker): void => {
        question(of).then(
          (answer) => {
            end()
            resolve(answer)
          },
          // It died with the question.
          () => {},
        )
      }
      waiting.set(ask, fail)
      const stop = after(DEADLINE_MS, () => fail(pageError('timeout', { ms: DEADLINE_MS })))
      const now = broker()
      if (now) ask(now)
      return promise
    },
    attached(broker) {
      for (const ask of waiting.keys()) ask(broker)
    },
    fail(error) {
      for (const fail of [...waiting.values()]) fail(error)
    },
  }
}
