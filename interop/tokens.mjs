// Holds an API to the tokens of a real issuer. Arguments: the API's URL, the issuer's.
const [api, issuer] = process.argv.slice(2);

async function token(client, resource, scope) {
  const response = await fetch(`${issuer}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${client}:secret`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials", resource, scope }),
  });
  const answer = await response.json();
  if (!answer.access_token) throw new Error(JSON.stringify(answer));
  return answer.access_token;
}

async function expect(what, bearer, status, challenge) {
  const response = await fetch(`${api}/v1/airports/JFK`, { headers: { authorization: `Bearer ${bearer}` } });
  const said = response.headers.get("www-authenticate") ?? "";
  if (response.status !== status || !said.includes(challenge)) {
    console.error(`${what}: ${response.status} ${said}, and ${status} ${challenge} was expected\n${await response.text()}`);
    process.exit(1);
  }
  console.log(`ok  ${what}`);
}

for (const client of ["RS256", "ES256"]) {
  await expect(`a token signed with ${client}`, await token(client, "urn:flights", "flights:read"), 200, "");
}
await expect("another audience", await token("RS256", "urn:other", "flights:read"), 401, 'error="invalid_token"');
await expect("another scope", await token("RS256", "urn:flights", "flights:write"), 403, 'error="insufficient_scope"');
await expect("no token at all", "a.b.c", 401, 'error="invalid_token"');
await fetch(`${issuer}/rotate`);
await expect("a key that is new", await token("ES256", "urn:flights", "flights:read"), 200, "");
