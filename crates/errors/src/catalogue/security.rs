//! Codes about who calls, what they may do, keys, tokens, certificates and secrets.

use crate::{Code, Fault, Kind, Retry};

/// The request carries no credentials.
pub static MISSING_CREDENTIALS: Code = Code {
    id: "S0001",
    name: "missing-credentials",
    kind: Kind::Unauthenticated,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The request carries no credentials",
    page: r#"
The operation needs to know who calls, and there is neither an API key nor a token; a scheme other than `Bearer` counts as none. The
`WWW-Authenticate` header names the schemes that are accepted.

Send `Authorization: Bearer TOKEN` or `X-Api-Key: KEY`.
"#,
};

/// The credentials are not valid.
pub static BAD_CREDENTIALS: Code = Code {
    id: "S0002",
    name: "bad-credentials",
    kind: Kind::Unauthenticated,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The credentials are not valid",
    page: r#"
The key is unknown, or the token is malformed, expired, from another issuer, for another audience, or its signature does not verify. The answer deliberately
says no more than that; the server's log does.

Get a fresh token from the issuer.
"#,
};

/// The caller is known, but may not do this.
pub static INSUFFICIENT_SCOPE: Code = Code {
    id: "S0003",
    name: "insufficient-scope",
    kind: Kind::PermissionDenied,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The caller is known, but may not do this",
    page: r#"
The operation requires a scope that the credentials do not carry (RFC 6750, section 3.1).

Ask for a token or key with that scope.
"#,
};

/// The caller's address may not connect.
pub static IP_REFUSED: Code = Code {
    id: "S0004",
    name: "ip-refused",
    kind: Kind::PermissionDenied,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The caller's address may not connect",
    page: r#"
The server's firewall rules refuse the address: it is in a network of `deny`, or `allow` is given and no network of it holds the address.

Call from an allowed network, or change the rules. Behind a proxy the address is that of the proxy.
"#,
};

/// The keys that tokens are verified with have not been fetched yet.
pub static KEYS_UNAVAILABLE: Code = Code {
    id: "S0005",
    name: "keys-unavailable",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "The keys that tokens are verified with have not been fetched yet",
    page: r#"
The key set of the issuer, or the newer one that the token's key may be in, has not been fetched yet, so the token cannot be verified. It may well
be valid.

Try again later. If this does not pass, look in the log for why the key set cannot be fetched.
"#,
};

/// Too many credentials from one address were not valid.
pub static TOO_MANY_WRONG_CREDENTIALS: Code = Code {
    id: "S0006",
    name: "too-many-wrong-credentials",
    kind: Kind::ResourceExhausted,
    fault: Fault::Caller,
    retry: Retry::Backoff,
    title: "Too many credentials from this address were not valid",
    page: r#"
Credentials that are not known to be valid are not verified for now: 50 from one address (IPv6: from one /64 network) may be wrong at once, and one
more each second. Credentials that were valid recently, and requests without any, are not affected.

Correct the credentials, and try again after the time in `Retry-After`.
"#,
};

/// The issuer of a token cannot be asked whether it holds.
pub static ISSUER_UNAVAILABLE: Code = Code {
    id: "S0007",
    name: "issuer-unavailable",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "The issuer of a token cannot be asked whether it holds",
    page: r#"
What an opaque token allows is known to its issuer alone (RFC 7662), which did not answer in time, or not as it should. The token may well be valid: it was
neither accepted nor refused.

Try again after the time in `Retry-After`. If this does not pass, look in the log for why the issuer cannot be asked; after 401 or 403 it does not
know the client and the secret under `introspection`.
"#,
};

/// The caller is banned.
pub static BANNED: Code = Code {
    id: "S0008",
    name: "banned",
    kind: Kind::PermissionDenied,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The caller is banned",
    page: r#"
Whoever runs the server has banned the caller, the key, the token or the network with `tenon ban add`. The caller is told no more than that; the server's log says
which ban it is, and `tenon ban list` shows all of them.

Ask whoever runs the server, who lifts it with `tenon ban lift`.
"#,
};

/// There are more bans than are kept.
pub static TOO_MANY_BANS: Code = Code {
    id: "S0009",
    name: "too-many-bans",
    kind: Kind::ResourceExhausted,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "There are more bans than are kept",
    page: r#"
A project keeps 10,000 bans, each of which is looked at for each request.

Lift those that are not needed, ban networks instead of addresses, or put a firewall before the server.
"#,
};

/// A secret is not set.
pub static MISSING_SECRET: Code = Code {
    id: "S0101",
    name: "missing-secret",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A secret is not set",
    page: r#"
The project refers to `${secret:NAME}`. Secrets come from the environment variable `NAME` or the file `secrets/NAME` in the project folder.

Set it, or use `--dev`, which makes one for development.
"#,
};

/// A secret is written into a project file.
pub static SECRET_IN_PROJECT: Code = Code {
    id: "S0102",
    name: "secret-in-project",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A secret is written into a project file",
    page: r#"
Project files are committed and shared; secrets must not be in them.

Write `${secret:NAME}` and provide the secret by environment variable or `secrets/NAME`.
"#,
};

/// A JSON Web Key Set cannot be used.
pub static BAD_KEY_SET: Code = Code {
    id: "S0103",
    name: "bad-key-set",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A JSON Web Key Set cannot be used",
    page: r#"
The file or URL holds no JWKS (RFC 7517), or no key of a supported algorithm: RS, PS or ES with
256, 384 or 512 bits, or EdDSA.

Provide a JWKS with at least one such public key.
"#,
};

/// A certificate or private key cannot be used.
pub static BAD_CERTIFICATE: Code = Code {
    id: "S0104",
    name: "bad-certificate",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A certificate or private key cannot be used",
    page: r#"
The file is not PEM, the key does not belong to the certificate, or it is of an unsupported kind.

Provide the full chain and the matching private key in PEM.
"#,
};

/// A secret is too short to be safe.
pub static WEAK_SECRET: Code = Code {
    id: "S0105",
    name: "weak-secret",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A secret is too short to be safe",
    page: r#"
API keys shorter than 16 characters can be guessed.

Use a longer one: `openssl rand -hex 24`.
"#,
};

/// Two API keys are the same.
pub static SHARED_API_KEY: Code = Code {
    id: "S0106",
    name: "shared-api-key",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "Two API keys are the same",
    page: r#"
Two entries of `api_keys` hold the same secret, so a caller who sends it could be either: neither scopes nor limits nor the log could tell them apart.

Give each entry a key of its own: `tenon key make`. An owner may have several keys, which is how keys are rotated.
"#,
};

/// A network is not written as CIDR.
pub static BAD_NETWORK: Code = Code {
    id: "S0107",
    name: "bad-network",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A network is not written as an address and a prefix length",
    page: r#"
Networks are written in CIDR notation (RFC 4632): an address, a slash and the number of leading bits that count, with zeros in all bits after those.
An address alone is a network of one.

Write `10.0.0.0/8`, `2001:db8::/32` or `192.0.2.7`.
"#,
};

/// A hash cannot be read, or is too weak or too dear to check.
pub static BAD_HASH: Code = Code {
    id: "S0108",
    name: "bad-hash",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "The hash of a key or a password cannot be used",
    page: r#"
Keys and passwords are stored as hashes. That of an API key is `sha256:` and its SHA-256 digest in base64url, 43 letters without padding. That of a
password is bcrypt's, as `htpasswd -B` writes it (`$2y$12$…`), of a cost from 8 to 14: a lower one is found too fast by who has stolen it, and a higher one keeps
a processor busy for seconds at each check.

Make one with `tenon key make` or `tenon key password`.
"#,
};

/// What everybody reads would show what a contract calls personal or secret.
pub static SENSITIVE_EXPOSED: Code = Code {
    id: "S0130",
    name: "sensitive-exposed",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A log line or a reason would show what a contract calls sensitive",
    page: r#"
The expression reads a field with `x-sensitivity`, directly or through a name that a `let` or an `each` gave it. Lines of the log and the reasons of `reject` are read by people and systems that must not see it.

```yaml
- log: { message: '"new customer"', fields: { email: customer.email } }   # refused
- log: { message: '"new customer"', fields: { id: customer.id } }
```

Leave it out, or name something that tells the messages apart and is not sensitive.
"#,
};

/// The codes of this area, in order of id.
pub const ALL: &[&Code] = &[
    &MISSING_CREDENTIALS,
    &BAD_CREDENTIALS,
    &INSUFFICIENT_SCOPE,
    &IP_REFUSED,
    &KEYS_UNAVAILABLE,
    &TOO_MANY_WRONG_CREDENTIALS,
    &ISSUER_UNAVAILABLE,
    &BANNED,
    &TOO_MANY_BANS,
    &MISSING_SECRET,
    &SECRET_IN_PROJECT,
    &BAD_KEY_SET,
    &BAD_CERTIFICATE,
    &WEAK_SECRET,
    &SHARED_API_KEY,
    &BAD_NETWORK,
    &BAD_HASH,
    &SENSITIVE_EXPOSED,
];
