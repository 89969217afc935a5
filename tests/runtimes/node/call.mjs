// One call of the plugin that jco transpiled: node call.mjs INTERFACE FUNCTION ARGUMENTS, the last as JSON.
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

// A call blocks its thread until the tool has answered: each gets a worker, and with it an instance, of its own.
export function call(of, name, args, deadlineMs) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { of, name, args } });
    const late = () => worker.terminate().then(() => reject(new Error("no answer in time")));
    const deadline = setTimeout(late, deadlineMs);
    worker.once("message", resolve).once("error", reject).once("exit", () => clearTimeout(deadline));
  });
}

// In the worker: an error of the contract is thrown with its payload, anything else is a trap.
async function answer({ of, name, args }) {
  const plugin = await import("./plugin/stitch_plugin.js");
  try {
    return plugin[of][name](...args);
  } catch (error) {
    if (error.payload === undefined) throw error;
    return { error: error.payload };
  }
}

if (!isMainThread) {
  parentPort.postMessage(await answer(workerData));
} else if (process.argv.length === 5) {
  const [of, name, args] = process.argv.slice(2);
  const [connection, parameters, ...rest] = JSON.parse(args);
  const values = [named(connection), named(parameters), ...rest.map(ages)];
  const answered = await call(of, name, values, 10_000);
  console.log(JSON.stringify(answered, (_, value) => (typeof value === "bigint" ? Number(value) : value)));
}

// The contract's `list<named-value>`. A secret is a text like any other.
function named(values) {
  return Object.entries(values).map(([name, value]) => {
    const integer = typeof value === "number";
    return { name, value: integer ? { tag: "integer", val: BigInt(value) } : { tag: "text", val: value } };
  });
}

function ages(argument) {
  return Array.isArray(argument) ? BigUint64Array.from(argument, BigInt) : argument;
}
