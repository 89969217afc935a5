// The egress of the plugin in Node, in the place of the shim's own handler: only granted origins are reached.
import { outgoingHandler } from "@bytecodealliance/preview2-shim/http";

const granted = new Set((process.env.GRANTED_ORIGINS ?? "").split(" "));

export function handle(request, options) {
  const scheme = { HTTP: "http", HTTPS: "https" }[request.scheme()?.tag ?? "HTTPS"];
  const { origin } = new URL(`${scheme}://${request.authority()}`);
  // The plugin says then that the host denied it, and that nothing was sent.
  if (!scheme || !granted.has(origin)) throw { tag: "HTTP-request-denied" };
  return outgoingHandler.handle(request, options);
}
