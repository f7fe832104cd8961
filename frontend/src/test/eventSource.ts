import { act } from "@testing-library/react";

/** The browser's EventSource under the test's control. */
export class FakeSource extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly CLOSED = 2;
  /** All that were opened, in order. */
  static all: FakeSource[] = [];
  readyState = 1;
  constructor(readonly url: string) {
    super();
    FakeSource.all.push(this);
  }
  close() {
    this.readyState = FakeSource.CLOSED;
  }
  say(kind: string, data: string, lastEventId = "") {
    act(() => {
      this.dispatchEvent(new MessageEvent(kind, { data, lastEventId }));
    });
  }
  /** How far something is. */
  tell(event: object, lastEventId = "") {
    this.say("progress", JSON.stringify(event), lastEventId);
  }
  fail(readyState: number) {
    this.readyState = readyState;
    act(() => {
      this.dispatchEvent(new Event("error"));
    });
  }
}
