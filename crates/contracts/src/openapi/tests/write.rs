//! Shapes written as descriptions.

use tenon_document::parse_json;

use crate::{
    asyncapi::AsyncApi,
    format::{Format, NoFiles, Source},
    json_schema,
    openapi::OpenApi,
};

const TREE: &str = r##"{
    "type": "object", "required": ["kind"], "additionalProperties": false,
    "properties": {
        "kind": { "enum": ["#/$defs/node", "b"] },
        "root": { "$ref": "#/$defs/node" },
        "price": { "type": "number", "format": "decimal", "minimum": 0 }
    },
    "$defs": { "node": { "type": "object", "properties": { "children": { "type": "array", "items": { "$ref": "#/$defs/node" } } } } }
}"##;

#[test]
fn what_is_written_is_read_as_the_same_type() {
    let shape =
        json_schema::read(&parse_json("tree.json", TREE).unwrap()).unwrap().into_only().unwrap().shape;
    for (format, version) in
        [(&OpenApi as &dyn Format, "\"openapi\": \"3.1.1\""), (&AsyncApi, "\"asyncapi\": \"3.0.0\"")]
    {
        let written = format.write("my tree", &shape).unwrap();
        assert!(written.text.contains(version) && written.losses.is_empty(), "{}", written.text);
        assert!(format.claims(&written.text));
        let source = Source { file: "tree.json", text: &written.text, files: &NoFiles };
        let read = format.read(&source).unwrap_or_else(|reports| panic!("{}: {reports:?}", written.text));
        assert!(read.notes.is_empty(), "{:?}", read.notes);
        let again = read.of_name("my tree").unwrap().shape.clone();
        let how = crate::relate::Relation::STORED;
        assert!(crate::relate::relate(&shape, &again, how).holds());
        assert!(crate::relate::relate(&again, &shape, how).holds());
    }
}
