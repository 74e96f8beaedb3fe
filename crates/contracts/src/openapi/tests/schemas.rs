//! Schema Objects in the dialect of each version.

use tenon_model::{Kind, Shape};

use super::{read, tried};
use crate::{
    format::{Format, NoFiles, Sought, Source},
    json::Decoder,
    openapi::OpenApi,
};

fn shapes(version: &str, schemas: &str) -> Vec<Shape> {
    let text = format!(
        "openapi: {version}\ninfo: {{ title: a, version: '1' }}\npaths: {{}}\ncomponents:\n  schemas:\n{schemas}"
    );
    read(&text).types.into_iter().map(|it| it.shape).collect()
}

fn check(shape: &Shape, accepted: &[&str], refused: &[&str]) {
    let decoder = Decoder::new(shape).unwrap();
    for json in accepted {
        assert!(decoder.decode(json.as_bytes()).is_ok(), "{json}: {:?}", decoder.decode(json.as_bytes()));
    }
    for json in refused {
        assert!(decoder.decode(json.as_bytes()).is_err(), "{json}");
    }
}

#[test]
fn openapi_3_0_has_nullable_and_exclusive_flags() {
    let shapes = shapes(
        "3.0.3",
        "    A: { type: number, minimum: 1, exclusiveMinimum: true, nullable: true, example: 2, xml: { name: a } }\n    \
             B: { type: string, format: byte }\n    \
             C: { $ref: '#/components/schemas/A', description: siblings are ignored, maximum: 1 }\n    \
             D: { type: string, format: password, externalDocs: { url: 'https://example.com' } }\n",
    );
    check(&shapes[0], &["null", "1.5"], &["1", "\"a\""]);
    assert!(matches!(shapes[1].kind, Kind::Bytes(_)));
    check(&shapes[2], &["5"], &["1"]);
    check(&shapes[3], &["\"x\""], &["1"]);
}

#[test]
fn openapi_3_1_is_json_schema() {
    let shapes = shapes(
        "3.1.0",
        "    A: { type: [number, 'null'], exclusiveMinimum: 1 }\n    \
             C: { $ref: '#/components/schemas/A', maximum: 3 }\n    \
             D: { const: a }\n    \
             E: { type: array, prefixItems: [ { type: integer } ], items: false }\n",
    );
    check(&shapes[0], &["null", "1.5"], &["1"]);
    check(&shapes[1], &["3"], &["4"]);
    check(&shapes[2], &["\"a\""], &["\"b\""]);
    check(&shapes[3], &["[1]"], &["[1, 2]", "[\"a\"]"]);
}

const PETS: &str = "    \
    Pet:\n      oneOf: [ { $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' } ]\n      \
      discriminator: { propertyName: kind, mapping: { puppy: '#/components/schemas/Dog', hound: Dog } }\n    \
    Cat: { type: object, required: [kind], properties: { kind: { type: string }, name: { type: string } } }\n    \
    Dog: { type: object, required: [kind], properties: { kind: { type: string }, name: { type: integer } } }\n";

#[test]
fn a_discriminator_tells_alternatives_apart_by_mapping_and_by_name() {
    for version in ["3.0.3", "3.1.0"] {
        let shapes = shapes(version, PETS);
        let Kind::Union(union) = &shapes[0].kind else { panic!("{:?}", shapes[0]) };
        let values: Vec<_> = union.variants.iter().map(|(value, _)| value.as_str()).collect();
        assert_eq!((union.tag.as_deref(), values), (Some("kind"), vec!["puppy", "hound", "Cat"]));
        check(
            &shapes[0],
            &[r#"{"kind":"Cat","name":"a"}"#, r#"{"kind":"puppy","name":1}"#, r#"{"kind":"hound"}"#],
            &[r#"{"kind":"Cat","name":1}"#, r#"{"kind":"Dog","name":1}"#, r#"{"name":1}"#],
        );
    }
}

#[test]
fn read_only_and_write_only_fields_are_left_out_where_they_do_not_belong() {
    let description = read(
        r##"openapi: 3.1.0
info: { title: a, version: "1" }
paths:
  /users:
    post:
      operationId: add
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/User" } } } }
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/User" } } } } }
components:
  schemas:
    Id: { type: integer, readOnly: true }
    User:
      allOf: [ { type: object, required: [id, name, password] } ]
      type: object
      required: [id]
      properties:
        id: { $ref: "#/components/schemas/Id" }
        name: { type: string }
        password: { type: string, writeOnly: true }
"##,
    );
    let operation = &description.operations[0];
    let names = |shape: &Shape| -> Vec<String> {
        shape.as_record().unwrap().fields().iter().map(|field| field.name.to_string()).collect()
    };
    assert_eq!(names(&operation.body.as_ref().unwrap().content[0].shape), ["name", "password"]);
    assert_eq!(names(&operation.replies[0].content[0].shape), ["id", "name"]);
    assert_eq!(names(&description.types[1].shape), ["id", "name", "password"]);
    check(&operation.replies[0].content[0].shape, &[r#"{"id":1,"name":"a"}"#], &[r#"{"name":"a"}"#]);
}

#[test]
fn types_that_contain_themselves_are_read() {
    let shapes = shapes(
        "3.0.3",
        "    Tree: { type: object, required: [kind], properties: { kind: { type: string }, children: { type: array, items: { $ref: '#/components/schemas/Node' } } } }\n    \
             Node: { oneOf: [ { $ref: '#/components/schemas/Tree' }, { $ref: '#/components/schemas/Leaf' } ], discriminator: { propertyName: kind } }\n    \
             Leaf: { type: object, required: [kind], properties: { kind: { type: string } } }\n",
    );
    let good = r#"{"kind":"Tree","children":[{"kind":"Leaf"},{"kind":"Tree","children":[]}]}"#;
    check(&shapes[0], &[good], &[r#"{"kind":"Tree","children":[{"kind":"Bush"}]}"#]);
    check(&shapes[1], &[good], &[r#"{"kind":"Bush"}"#]);
}

#[test]
fn examples_and_defaults_that_do_not_fit_are_noted() {
    let description = read(
        "openapi: 3.0.0\ninfo: { title: a, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n    \
         A: { type: integer, example: x, default: y }\n    B: { type: integer, example: 5 }\n",
    );
    assert_eq!(description.types[1].examples, [tenon_model::Value::Int(5)]);
    assert!(description.types[0].examples.is_empty());
    let codes: Vec<_> = description.notes.iter().map(|note| note.code().id).collect();
    assert_eq!(codes, ["C0006", "C0006"], "{:?}", description.notes);
}

#[test]
fn patterns_that_cannot_be_run_are_refused_with_their_place() {
    let text = "openapi: 3.1.0\ninfo: { title: a, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n    A: { type: string, pattern: '[z-a]' }\n";
    let reports = tried(text, &[]).unwrap_err();
    let first = reports.iter().next().unwrap();
    assert_eq!((first.code().id, first.places()[0].line), ("C0005", 6));
}

#[test]
fn a_description_says_where_the_parts_of_its_types_stand() {
    let text = "openapi: 3.1.0\ninfo: { title: a, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n    \
                Line: { properties: { price: { type: number } } }\n    \
                Order:\n      properties:\n        lines: { items: { $ref: '#/components/schemas/Line' } }\n";
    let source = Source { file: "api.yaml", text, files: &NoFiles };
    let line = |path: &str| OpenApi.locate(&source, "Order", path, Sought::Field).map(|place| place.line);
    assert_eq!(
        (line(""), line("lines"), line("lines[].price"), line("gone")),
        (Some(7), Some(9), Some(6), Some(7))
    );
    assert_eq!(OpenApi.locate(&source, "Gone", "", Sought::Field), None);
}
