// graphql-http's audit of a GraphQL endpoint. Arguments: its URL, an API key.
import { auditServer } from "graphql-http";

const [url, key] = process.argv.slice(2);
const fetchFn = (target, options = {}) => fetch(target, { ...options, headers: { ...options.headers, "x-api-key": key } });
const results = await auditServer({ url, fetchFn });
const failed = results.filter((result) => result.status !== "ok");
for (const { status, id, name, reason } of failed) console.error(`${status} ${id} ${name}: ${reason}`);
console.log(`${failed.length ? "NOT ok" : "ok "} ${results.length - failed.length} of ${results.length} checks`);
process.exit(failed.length ? 1 : 0);
