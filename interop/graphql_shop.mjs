// A service of GraphQL, by graphql-js and graphql-http: `graphql_shop.mjs PORT SCHEMA`.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { GraphQLError, buildSchema } from "graphql";
import { createHandler } from "graphql-http/lib/use/http";

const [port, file] = process.argv.slice(2);
const schema = buildSchema(readFileSync(file, "utf8"));
const products = [{ __typename: "Cup", sku: "cup", name: "Cup", handles: 1 }, { __typename: "Pot", sku: "pot", name: "Pot", litres: 1.5 }];
const refused = (message, code) => new GraphQLError(message, { extensions: { code } });
const rootValue = {
  product: ({ sku }) => products.find((product) => product.sku === sku) ?? null,
  products: ({ filter }) => products.filter((product) => !filter?.names || filter.names.includes(product.name)),
  secret: () => { throw refused("not for you", "FORBIDDEN"); },
  reserve: ({ input }) => {
    if (input.sku === "pot") throw refused("there is none left", "OUT_OF_STOCK");
    return { sku: input.sku, quantity: input.quantity };
  },
};
const graphql = createHandler({ schema, rootValue });
createServer((request, response) => {
  if (request.headers.authorization !== "Bearer hunter2") return response.writeHead(401).end();
  return graphql(request, response);
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
