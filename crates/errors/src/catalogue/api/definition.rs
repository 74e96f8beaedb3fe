//! How operations are defined.

use crate::{Code, Fault, Kind, Retry};

/// Two operations would answer the same request.
pub static ROUTE_COLLISION: Code = Code {
    id: "A0001",
    name: "route-collision",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "Two operations would answer the same request",
    page: r#"
A request must have exactly one answer. `GET /flights/{id}` and `GET /flights/{number}` match the same paths.

Change the method or path of one of them.
"#,
};

/// An operation does not say who may call it.
pub static OPEN_OPERATION: Code = Code {
    id: "A0002",
    name: "open-operation",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "An operation does not say who may call it",
    page: r#"
Operations are closed unless the project says otherwise: each has a `scope`, or the API or operation says `auth: none`, written out.

Add `scope: orders:read`, or `auth: none` if everybody may call it.
"#,
};

/// A route is not a method and a path.
pub static BAD_ROUTE: Code = Code {
    id: "A0003",
    name: "bad-route",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A route is not a method and a path",
    page: r#"
A route reads `GET /flights/{id}`: a method in capitals, a space, a path. Every `{parameter}` must be a field that the operation can take.

Correct the route.
"#,
};

/// A reference would show rows to anybody.
pub static OPEN_REFERENCE: Code = Code {
    id: "A0004",
    name: "open-reference",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "Nothing says who may read the rows that a reference leads to",
    page: r#"
GraphQL nests the rows that a row points to. Where an operation of the API reads their table, callers need what that operation asks for.
Rows of other tables are shown only if the API says to whom:

```yaml
apis:
  shop:
    references:
      customers: { scope: customers:read }
      countries: { auth: none }
      notes: hidden
```

Add the table under `references` of the API, with a `scope`, with `auth: none` if whoever may read the rows that refer to it may read its rows
as well, or with `hidden` to leave the references to it out.
"#,
};

/// GraphQL calls something by another name.
pub static GRAPHQL_NAMES: Code = Code {
    id: "A0005",
    name: "graphql-names",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "GraphQL calls something by another name",
    page: r#"
A name in GraphQL is letters, digits and `_`, and does not start with a digit or `__`; no two types, and no two fields of a type, have the same
one. A field `c-d` is therefore `c_d` in the schema, or `c_d_2` where there is a `c_d` already, and the second type that would be called `Order` is
`Order2`. REST and the data keep the names of the project. A name with a number may go to another field when the contract changes.

This is a warning. Rename the field, operation or contract, or leave it if clients of GraphQL may use the name that the schema has.
"#,
};

/// A part of the input cannot be sent by a route.
pub static UNSENT_FIELD: Code = Code {
    id: "A0006",
    name: "unsent-field",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A route cannot send a part of the input",
    page: r#"
A `GET` has a path and a query. They hold scalars, and the query lists of scalars: `?tag=a&tag=b`. A field of another kind that need not be there is
never sent by such a route, though it may be by another protocol.

This is a warning. Use `POST`, or name a contract without the field under `input`.
"#,
};

/// A description of SOAP says less than contracts.
pub static SOAP_SAYS_LESS: Code = Code {
    id: "A0007",
    name: "soap-says-less",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A description of SOAP says less than the contracts that it is made of",
    page: r#"
An API without a WSDL of its own gets one that is made of its operations. XML Schema cannot say everything that a contract does: that items are unique, that a field
is secret, what stands in for an absent one. The details name what is left out. Requests are held against the contract all the same.

This is a warning. Leave it, or write a description and name it with `wsdl`.
"#,
};
