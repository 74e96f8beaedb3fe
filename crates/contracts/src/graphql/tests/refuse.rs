//! What is refused, and where.

use super::try_read;

/// The problems of `text`: where, and a part of the message.
#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let reports = try_read(text).err().unwrap_or_default();
    let found: Vec<_> = reports
        .iter()
        .map(|it| (format!("{}:{}", it.places()[0].line, it.places()[0].column), it.message().to_owned()))
        .collect();
    assert_eq!(found.len(), expected.len(), "{text}\n{found:#?}");
    for ((place, message), (wanted, part)) in found.iter().zip(expected) {
        assert!(
            place == wanted && message.contains(part),
            "{text}\n{place} {message}\nnot {wanted} {part}\n{found:#?}"
        );
    }
}

#[test]
fn every_definition_that_cannot_be_read_is_named() {
    check(
        "type A { a }\nenum { B }\ntype C { c: Int }\nquery { a }\nscalar D % \n",
        &[
            ("1:12", "expected `:`, found `}`"),
            ("2:6", "expected a name"),
            ("4:1", "not part of a schema"),
            ("5:10", "'%'"),
        ],
    );
    check("type A {}", &[("1:9", "expected a name")]);
    check("type A { a: [Int }", &[("1:18", "expected `]`")]);
    check("type A { a: Int!! }", &[("1:17", "expected a name")]);
    check(
        "input A { a: Int = 01, b: Int = 1.a, c: Int = $x }",
        &[("1:20", "`01`"), ("1:33", "`1.a`"), ("1:47", "a constant")],
    );
    check("\"open\ntype A { a: Int }", &[("1:1", "has no end")]);
    check("\"\"\"open\ntype A { a: Int }", &[("1:1", "no `\"\"\"`")]);
    check("input A { a: String = \"\\x \\uD800\" }", &[("1:24", "no such escape")]);
    check("\"Doc.\" extend type A { a: Int }", &[("1:1", "no description")]);
    check("type A { a: Int }\nextend type A", &[("2:13", "adds nothing")]);
}

#[test]
fn names_are_unique_and_not_those_of_introspection() {
    check(
        "type A { a: Int a: Int __b: Int c(d: Int, d: Int, __e: Int): Int }\nenum E { F F __G }\nscalar A\nscalar Int\ndirective @__d on QUERY | QUERY | HERE",
        &[
            ("1:17", "A has the field `a` twice"),
            ("1:24", "`__b`"),
            ("1:43", "A.c has the argument `d` twice"),
            ("1:51", "`__e`"),
            ("2:12", "E has the value `F` twice"),
            ("2:14", "`__G`"),
            ("3:8", "the file has the type `A` twice"),
            ("4:8", "`Int` is built in"),
            ("5:12", "`__d`"),
            ("5:27", "@__d has the location `QUERY` twice"),
            ("5:35", "no location `HERE`"),
        ],
    );
}

#[test]
fn types_stand_where_they_may_and_have_something() {
    check(
        "type A { a: B c(d: A): Orde o: Order }\ninput B { a: A }\nunion U = A | B | A\nunion V\nenum E\ntype Order",
        &[
            ("1:13", "`B` is an input type"),
            ("1:20", "`A` is an object type"),
            ("1:24", "there is no type `Orde`"),
            ("2:14", "`A` is an object type"),
            ("3:15", "`B` is an input type, and unions have object types"),
            ("3:19", "U has the member `A` twice"),
            ("4:7", "has no member"),
            ("5:6", "has no value"),
            ("6:6", "has no field"),
        ],
    );
}

#[test]
fn interfaces_are_kept() {
    check(
        "interface N { id(a: Int): ID! n: N l: [N!] @deprecated }\ninterface P implements N { id(a: Int): ID! n: N l: [N!] }\n\
         type A implements P & Q & A { id(a: Int!, b: Int!): ID n: String l: [A!]! @deprecated }\n\
         interface R implements S { a: Int }\ninterface S implements R { a: Int }",
        &[
            ("3:19", "`A` does not implement `N`, which `P` implements"),
            ("3:23", "there is no type `Q`"),
            ("3:27", "`A` implements itself"),
            ("3:37", "the argument `a` is Int!, and Int in `P.id`"),
            ("3:43", "the argument `b` is required"),
            ("3:53", "`id` is ID, and `P.id` is ID!"),
            ("3:59", "`n` is String"),
            ("3:70", "`l` is [A!]!"),
            ("4:24", "`R` implements itself through `S`"),
            ("5:24", "`S` implements itself through `R`"),
        ],
    );
}

#[test]
fn inputs_end_and_one_of_is_nullable() {
    check(
        "input A { b: B! }\ninput B { a: A!, c: [B!]!, d: B }\ninput O @oneOf { a: Int!, b: Int = 1 }\n\
         input R { a: Int! @deprecated, b: Int! = 1 @deprecated }\ninput X { y: Y = {} }\ninput Y { x: X = {} }",
        &[
            ("1:11", "can never end"),
            ("3:21", "not nullable"),
            ("3:36", "has a default"),
            ("4:20", "required and deprecated"),
            ("5:11", "fills in itself"),
        ],
    );
}

#[test]
fn defaults_fit_their_types() {
    check(
        "enum E { A }\ninput O @oneOf { a: Int b: Int }\ninput I { r: Int! o: O }\n\
         type Q { f(a: Int = 2147483648, b: Float = 1, c: E = \"A\", d: E = B, e: [Int!] = [1, null], f: I = {}, \
         g: I = {r: 1, x: 2}, h: O = {a: 1, b: 2}, i: ID = 1, j: Boolean = 0, k: String! = null, l: I = {r: 1, o: {a: null}}): Int }",
        &[
            ("4:21", "beyond 32 bits"),
            ("4:54", "not a value of `E`"),
            ("4:66", "no value `B`"),
            ("4:85", "it is null"),
            ("4:99", "the required `r`"),
            ("4:117", "no field `x`"),
            ("4:131", "exactly one field"),
            ("4:169", "not `true` or `false`"),
            ("4:185", "it is null"),
            ("4:208", "exactly one field"),
        ],
    );
}

#[test]
fn directives_are_defined_and_used_as_they_are_defined() {
    check(
        "directive @a(x: Int!, y: String) on OBJECT\ndirective @b on FIELD_DEFINITION\n\
         type A @a(x: 1) @a(y: 1, z: 2) { a: Int @b @c @deprecated(reason: 1) }\nscalar S @specifiedBy @b\n\
         directive @d(x: I) on INPUT_FIELD_DEFINITION\ninput I { a: J }\ninput J { b: Int @d }",
        &[
            ("3:18", "appears twice here"),
            ("3:18", "does not have its argument `x`"),
            ("3:23", "it is not a text"),
            ("3:26", "no argument `z`"),
            ("3:45", "no directive `@c`"),
            ("3:67", "it is not a text"),
            ("4:11", "its argument `url`"),
            ("4:24", "is not allowed on SCALAR"),
            ("7:7", "uses a directive that is defined by it"),
        ],
    );
}

#[test]
fn schemas_have_a_query_and_distinct_roots() {
    check(
        "schema { query: A query: A mutation: E }\nschema { query: B }\ntype A { a: Int }\nenum E { F }\nextend input A { b: Int }\nextend type C { a: Int }",
        &[
            ("1:26", "its type for `query` twice"),
            ("1:26", "the root of two kinds"),
            ("1:38", "operations need an object type"),
            ("2:1", "defined twice"),
            ("2:17", "its type for `query` twice"),
            ("2:17", "there is no type `B`"),
            ("5:14", "is extended as an input type"),
            ("6:13", "there is no type `C`"),
        ],
    );
    check("schema { mutation: A }\ntype A { a: Int }", &[("1:1", "no type for `query`")]);
    check("type Mutation { a: Int }", &[("1:6", "none for `query`")]);
    check("input Query { a: Int }", &[("1:7", "operations need an object type")]);
}

#[test]
fn a_field_that_is_deprecated_before_its_interface_is_noted() {
    let text = "interface N { id: ID }\ntype A implements N { id: ID @deprecated }\ntype B implements N { id: ID @deprecated }";
    let notes = try_read(text).unwrap().schema.notes;
    assert_eq!((notes.len(), notes[0].places()[0].line), (1, 2));
    assert!(notes[0].message().contains("`N.id`, which it implements, is not, as are 1 more"), "{notes:?}");
}
