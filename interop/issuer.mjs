// An OAuth 2.0 issuer on loopback. Arguments: the port. GET /rotate replaces its keys.
import http from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
let generation = 0;
let provider = make();

function key(algorithm) {
  const pair =
    algorithm === "RS256"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...pair.privateKey.export({ format: "jwk" }), kid: `${algorithm}-${generation}`, use: "sig", alg: algorithm };
}

function make() {
  generation += 1;
  return new Provider(issuer, {
    clients: ["RS256", "ES256"].map((id) => ({
      client_id: id,
      client_secret: "secret",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    })),
    jwks: { keys: [key("RS256"), key("ES256")] },
    scopes: ["flights:read", "flights:write"],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource, client) => ({
          scope: "flights:read flights:write",
          audience: resource.replace("urn:", ""),
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: client.clientId } },
        }),
      },
    },
  });
}

http
  .createServer((request, response) => {
    if (request.url === "/rotate") {
      provider = make();
      response.end();
    } else {
      provider.callback()(request, response);
    }
  })
  .listen(port, "127.0.0.1", () => console.log("ready"));
