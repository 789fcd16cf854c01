// All methods of an object as plain functions, so that a door can be put together from two.

/** Returns the object's methods, its prototypes' included, bound to it. */
export function passThrough<T extends object>(object: T): T {
  const methods: Record<string, unknown> = {};
  for (let at: object | null = object; at !== null && at !== Object.prototype; ) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const value: unknown = (object as Record<string, unknown>)[name];
      if (name !== "constructor" && typeof value === "function" && !(name in methods)) {
        methods[name] = value.bind(object);
      }
    }
    at = Object.getPrototypeOf(at) as object | null;
  }
  return methods as T;
}
