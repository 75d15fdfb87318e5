/** A port of which some verbs are others, for who means to watch or to disturb what the engine asks. */
export function overlay<Port extends object>(port: Port, verbs: Partial<Port>): Port {
  return new Proxy(port, {
    get(target, key) {
      const member: unknown = Reflect.get(verbs, key) ?? Reflect.get(target, key);
      // Bound, because a private field is not found through a proxy.
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
}
