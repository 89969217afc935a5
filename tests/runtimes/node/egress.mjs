// The egress of the plugin in Node, in the place of the shim's own handler: only granted origins are reached.
import { outgoingHandler } from "@bytecodealliance/preview2-shim/http";

const granted = new Set((process.env.GRANTED_ORIGINS ?? "").split(" "));

export function handle(request, options) {
  const scheme = request.scheme()?.tag === "HTTP" ? "http" : "https";
  const { origin } = new URL(`${scheme}://${request.authority()}`);
  // The plugin says then that the host denied it, and that nothing was sent.
  if (!granted.has(origin)) throw { tag: "HTTP-request-denied" };
  return outgoingHandler.handle(request, options);
}
