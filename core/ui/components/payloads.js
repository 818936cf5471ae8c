// Files that Python published: each is asked for once, and the latest few stay in this tab, so that going back loads
// nothing. Comes first in the module of each component that shows such files.

class Payloads {
  constructor(most) {
    this.most = most;
    this.known = new Map(); // url -> promise of ArrayBuffer, the latest used last
  }

  get(url) {
    const known = this.known.get(url);
    this.known.delete(url);
    this.known.set(url, known ?? this.download(url));
    for (const old of this.known.keys()) if (this.known.size > this.most) this.known.delete(old);
    return this.known.get(url);
  }

  async download(url) {
    try {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
      return await answer.arrayBuffer();
    } catch (error) {
      this.known.delete(url); // so that the next update tries again
      throw error;
    }
  }
}
