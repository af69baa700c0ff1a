/**
 * Why a channel that is fed from outside (a stream, an emitter) ended early. Receivers throw `error` where a closed channel
 * would say that there is nothing more, so that what was cut off is never taken for what was complete.
 */
export class Failure {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}
