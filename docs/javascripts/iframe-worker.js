// A page that is opened from disk may start no worker, and the search of the theme wants one.
// Here the script runs in a hidden frame of the page instead, and messages go both ways.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      // Written at once, or some browsers load an empty page over it later.
      frame.contentDocument.open();
      frame.contentDocument.write("<!doctype html><title>search</title><body></body>");
      frame.contentDocument.close();
      const inside = frame.contentWindow;
      Object.defineProperty(inside, "postMessage", { value: (data) => this.receive(data) });
      const script = frame.contentDocument.createElement("script");
      script.src = url;
      script.onload = () => this.begin(inside);
      frame.contentDocument.body.append(script);
    }

    receive(data) {
      const event = new MessageEvent("message", { data });
      this.onmessage?.(event);
      this.dispatchEvent(event);
    }

    begin(inside) {
      this.inside = inside;
      for (const data of this.waiting.splice(0)) this.postMessage(data);
    }

    postMessage(data) {
      if (!this.inside) this.waiting.push(data);
      else setTimeout(() => this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data })));
    }

    terminate() {}
  };
}
